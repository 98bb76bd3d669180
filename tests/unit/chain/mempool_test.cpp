// SPDX-License-Identifier: Apache-2.0
//
// Goal: what waits is always executable in order of arrival, and every limit holds at limit - 1,
// limit and limit + 1. Method: real signed transactions against a table of accounts, a random walk
// that checks the invariant after each step, and threads that add while blocks go by.
#include "chain/mempool.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "tests/support/toy_machine.hpp"

namespace bourse::chain {
namespace {

using test::ToyUser;

const Hash kChain = sha256(as_bytes("chain"));
constexpr TimeMs kNow{1'000'000};
constexpr TimeMs kLater{2'000'000};

struct Want {
  std::uint64_t nonce = 0;
  std::uint64_t fee_limit = 100;
  TimeMs valid_until = kLater;
  std::size_t body_bytes = 10;
};

VerifiedTx make(const ToyUser& user, const Want& want) {
  TxBody body = user.body(kChain, want.nonce, want.valid_until, {1, Bytes(want.body_bytes)});
  body.fee_limit = Amount(want.fee_limit);
  return verify_tx(sign_tx(body, user.key), kChain).value();
}

class MempoolTest : public testing::Test {
 protected:
  const ToyUser alice_{1};
  const ToyUser bob_{2};
  std::map<Address, AccountView> accounts_ = {
      {alice_.address, {Nonce(5), Amount(1'000'000)}},
      {bob_.address, {Nonce(0), Amount(1'000'000)}},
  };
  std::unique_ptr<Mempool> pool_ = make_pool({});

  std::unique_ptr<Mempool> make_pool(MempoolLimits limits) {
    const auto lookup = [this](std::span<const Address> addresses) {
      std::vector<AccountView> out;
      for (const Address& address : addresses) out.push_back(accounts_.at(address));
      return out;
    };
    return std::make_unique<Mempool>(lookup, limits);
  }
  std::string add(const VerifiedTx& tx) {
    const auto result = pool_->add({tx}, kNow).front();
    return result ? "ok" : result.error().kind;
  }
  std::string add(const ToyUser& user, const Want& want) { return add(make(user, want)); }
  std::vector<std::uint64_t> nonces(std::size_t max_bytes = 1 << 20) const {
    std::vector<std::uint64_t> out;
    for (const VerifiedTx& tx : pool_->take(max_bytes)) out.push_back(tx.body().nonce.value());
    return out;
  }
  /// The account executes these nonces.
  void include(const ToyUser& user, const std::vector<VerifiedTx>& txs) {
    accounts_.at(user.address).nonce += Nonce(txs.size());
    pool_->on_block(txs);
  }
  using Nonces = std::vector<std::uint64_t>;
};

TEST_F(MempoolTest, WhatScreeningHasReadHoldsUntilTheNextBlock) {
  const auto add_screened = [&](const VerifiedTx& tx, Mempool::Accounts seen) {
    const auto result = pool_->add({tx}, kNow, std::move(seen)).front();
    return result ? "ok" : result.error().kind;
  };
  const auto screen = [&](const ParsedTx& tx) { return pool_->screen({&tx, 1}, kNow); };
  const VerifiedTx first = make(alice_, {5});
  const auto screened = screen(first);
  EXPECT_TRUE(screened.results.front());
  accounts_.at(alice_.address).nonce = Nonce(6);  // committed, and its block not yet heard of
  EXPECT_EQ(add_screened(first, screened.seen), "ok");

  const VerifiedTx second = make(alice_, {6});
  const auto screened_again = screen(second);
  include(alice_, {first, second});
  EXPECT_EQ(add_screened(second, screened_again.seen), "nonce_too_low");
  EXPECT_EQ(pool_->size(), 0u);
}

TEST_F(MempoolTest, NoncesAreContiguousFromTheAccounts) {
  EXPECT_EQ(add(alice_, {4}), "nonce_too_low");
  EXPECT_EQ(add(alice_, {6}), "nonce_gap");
  EXPECT_EQ(pool_->next_nonce(alice_.address), Nonce(5));
  EXPECT_EQ(add(alice_, {5}), "ok");
  EXPECT_EQ(add(alice_, {7}), "nonce_gap");
  EXPECT_EQ(add(alice_, {6}), "ok");
  EXPECT_EQ(pool_->next_nonce(alice_.address), Nonce(7));
  const auto gap = pool_->add({make(alice_, {9})}, kNow).front();
  EXPECT_NE(gap.error().message.find("is 7"), std::string::npos) << gap.error().message;
  EXPECT_EQ(add(alice_, {UINT64_MAX}), "nonce_gap");
  EXPECT_EQ(nonces(), (Nonces{5, 6}));
}

TEST_F(MempoolTest, ADuplicateIsNamed) {
  const VerifiedTx tx = make(alice_, {5});
  EXPECT_EQ(add(tx), "ok");
  EXPECT_EQ(add(tx), "tx_already_waiting");
  EXPECT_TRUE(pool_->contains(tx.id()));
  EXPECT_EQ(pool_->size(), 1u);
}

TEST_F(MempoolTest, ThoseThatComeTogetherFollowEachOther) {
  const VerifiedTx first = make(bob_, {0});
  const auto added = pool_->add(
      {make(alice_, {5}), make(alice_, {7}), first, make(alice_, {6}), first, make(bob_, {1})},
      kNow);
  std::vector<std::string> kinds;
  for (const auto& each : added) kinds.push_back(each ? "ok" : each.error().kind);
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"ok", "nonce_gap", "ok", "ok", "tx_already_waiting", "ok"}));
  EXPECT_EQ(nonces(), (Nonces{5, 0, 6, 1}));
}

TEST_F(MempoolTest, PerAccountLimit) {
  pool_ = make_pool({.transactions = 1000, .bytes = 1 << 20, .per_account = 3});
  EXPECT_EQ(add(alice_, {5}), "ok");
  EXPECT_EQ(add(alice_, {6}), "ok");
  EXPECT_EQ(add(alice_, {7}), "ok");
  EXPECT_EQ(add(alice_, {8}), "account_queue_full");
  EXPECT_EQ(add(bob_, {0}), "ok");
  EXPECT_EQ(add(alice_, {7, 110}), "ok") << "a replacement needs no room";
}

TEST_F(MempoolTest, TotalLimits) {
  pool_ = make_pool({.transactions = 2, .bytes = 1 << 20});
  EXPECT_EQ(add(alice_, {5}), "ok");
  EXPECT_EQ(add(bob_, {0}), "ok");
  EXPECT_EQ(add(bob_, {1}), "mempool_full");
  EXPECT_EQ(add(bob_, {0, 110}), "ok");
  const std::size_t size = make(alice_, {5}).raw().size();
  for (const std::size_t bytes : {2 * size - 1, 2 * size, 2 * size + 1}) {
    pool_ = make_pool({.transactions = 10, .bytes = bytes});
    EXPECT_EQ(add(alice_, {5}), "ok");
    EXPECT_EQ(add(alice_, {6}), bytes < 2 * size ? "mempool_full" : "ok");
  }
}

TEST_F(MempoolTest, ReplacementCostsTenPercentMore) {
  EXPECT_EQ(add(alice_, {5, 100}), "ok");
  EXPECT_EQ(add(alice_, {6, 100}), "ok");
  EXPECT_EQ(add(bob_, {0}), "ok");
  EXPECT_EQ(add(alice_, {5, 109}), "replacement_underpriced");
  const VerifiedTx better = make(alice_, {5, 110});
  EXPECT_EQ(add(better), "ok");
  EXPECT_EQ(pool_->size(), 3u);
  EXPECT_EQ(pool_->take(1 << 20)[0].id(), better.id()) << "it takes the place of the old one";
  EXPECT_EQ(nonces(), (Nonces{5, 6, 0}));
  // 110 % of 15 grains is 16.5.
  EXPECT_EQ(add(bob_, {1, 15}), "ok");
  EXPECT_EQ(add(bob_, {1, 16}), "replacement_underpriced");
  EXPECT_EQ(add(bob_, {1, 17}), "ok");
}

TEST_F(MempoolTest, FeeLimitsAreCoveredByTheBalance) {
  accounts_.at(bob_.address).balance = Amount(300);
  EXPECT_EQ(add(bob_, {0, 301}), "balance_too_low_for_fee");
  EXPECT_EQ(add(bob_, {0, 100}), "ok");
  EXPECT_EQ(add(bob_, {1, 201}), "balance_too_low_for_fee");
  EXPECT_EQ(add(bob_, {1, UINT64_MAX}), "balance_too_low_for_fee");
  EXPECT_EQ(add(bob_, {1, 200}), "ok");
  EXPECT_EQ(add(bob_, {0, 110}), "balance_too_low_for_fee") << "the sum counts, not the one";
}

TEST_F(MempoolTest, LifetimeLimits) {
  const TimeMs most = kNow + kTxLifetimeMax;
  EXPECT_EQ(add(alice_, {5, 100, kNow - DurationMs(1)}), "tx_expired");
  EXPECT_EQ(add(alice_, {5, 100, most + DurationMs(1)}), "valid_until_too_far");
  EXPECT_EQ(add(alice_, {5, 100, TimeMs(UINT64_MAX)}), "valid_until_too_far");
  EXPECT_EQ(add(alice_, {5, 100, kNow}), "ok");
  EXPECT_EQ(add(alice_, {6, 100, most - DurationMs(1)}), "ok");
  EXPECT_EQ(add(alice_, {7, 100, most}), "ok");
}

TEST_F(MempoolTest, ExpiryTakesSuccessorsAlong) {
  EXPECT_EQ(add(alice_, {5}), "ok");
  EXPECT_EQ(add(alice_, {6, 100, kNow + DurationMs(10)}), "ok");
  EXPECT_EQ(add(alice_, {7}), "ok");
  EXPECT_EQ(add(bob_, {0}), "ok");
  pool_->expire(kNow + DurationMs(10));
  EXPECT_EQ(pool_->size(), 4u);
  pool_->expire(kNow + DurationMs(11));
  EXPECT_EQ(nonces(), (Nonces{5, 0}));
  EXPECT_EQ(add(alice_, {6}), "ok");
  EXPECT_EQ(nonces(), (Nonces{5, 0, 6}));
  pool_->expire(kLater + DurationMs(1));
  EXPECT_EQ(pool_->size(), 0u);
  EXPECT_EQ(add(alice_, {5}), "ok") << "a transaction that has left may come again";
}

TEST_F(MempoolTest, ABlockTakesAwayWhatItIncludes) {
  const std::vector<VerifiedTx> included = {make(alice_, {5}), make(alice_, {6})};
  add(included[0]);
  add(included[1]);
  add(alice_, {7});
  add(bob_, {0});
  include(alice_, included);
  EXPECT_EQ(nonces(), (Nonces{7, 0}));
  EXPECT_FALSE(pool_->contains(included[0].id()));
  EXPECT_EQ(add(included[0]), "nonce_too_low");
  EXPECT_EQ(pool_->next_nonce(alice_.address), Nonce(8));
}

TEST_F(MempoolTest, ABlockMakesTheOtherVersionOfANonceStale) {
  const VerifiedTx first = make(alice_, {5});
  add(first);
  add(alice_, {5, 200});
  include(alice_, {first});
  EXPECT_EQ(pool_->size(), 0u);
}

TEST_F(MempoolTest, ABlockDropsWhatIsNoLongerAffordable) {
  accounts_.at(alice_.address).balance = Amount(400);
  const VerifiedTx spending = make(alice_, {5});
  add(spending);
  add(alice_, {6});
  add(alice_, {7});
  accounts_.at(alice_.address).balance = Amount(199);
  include(alice_, {spending});
  EXPECT_EQ(nonces(), (Nonces{6}));
}

TEST_F(MempoolTest, AnOutdatedFrontDoesNotHinderTheNext) {
  // The block is committed but on_block has not been called yet.
  add(alice_, {5});
  accounts_.at(alice_.address).nonce = Nonce(6);
  EXPECT_EQ(add(alice_, {6}), "ok");
  EXPECT_EQ(nonces(), (Nonces{6}));
  EXPECT_EQ(pool_->next_nonce(alice_.address), Nonce(7));
}

TEST_F(MempoolTest, TakeStopsAtItsBytes) {
  add(alice_, {5});
  add(bob_, {0});
  const std::size_t size = make(alice_, {5}).raw().size();
  EXPECT_EQ(nonces(size - 1), (Nonces{}));
  EXPECT_EQ(nonces(size), (Nonces{5}));
  EXPECT_EQ(nonces(2 * size), (Nonces{5, 0}));
}

TEST_F(MempoolTest, DropTakesSuccessorsAndIgnoresStrangers) {
  add(alice_, {5});
  const VerifiedTx refused = make(alice_, {6});
  add(refused);
  add(alice_, {7});
  const std::vector<VerifiedTx> drop = {refused, make(bob_, {0})};
  pool_->drop(drop);
  EXPECT_EQ(nonces(), (Nonces{5}));
}

TEST_F(MempoolTest, ARandomWalkKeepsTheOrderExecutable) {
  std::mt19937 random(7);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  pool_ = make_pool({.transactions = 12, .bytes = 4000, .per_account = 8});
  const ToyUser* users[] = {&alice_, &bob_};
  TimeMs now = kNow;
  for (int i = 0; i < 1500; ++i) {
    const ToyUser& user = *users[below(2)];
    AccountView& account = accounts_.at(user.address);
    const std::uint64_t nonce = account.nonce.value() + below(6);
    const Want want{nonce, 100 + below(100), now + DurationMs(below(40)), below(30)};
    pool_->add({make(user, want)}, now);
    if (below(4) == 0) {
      const auto txs = pool_->take(below(1000));
      for (const VerifiedTx& tx : txs) accounts_.at(tx.body().sender).nonce += Nonce(1);
      pool_->on_block(txs);
    }
    if (below(3) == 0) {
      now = now + DurationMs(below(20));
      pool_->expire(now);
    }
    account.balance = Amount(below(2000));
    auto expected = accounts_;
    const auto all = pool_->take(1 << 20);
    ASSERT_EQ(all.size(), pool_->size());
    ASSERT_LE(all.size(), 12u);
    for (const VerifiedTx& tx : all) {
      ASSERT_EQ(tx.body().nonce, expected.at(tx.body().sender).nonce) << i;
      expected.at(tx.body().sender).nonce += Nonce(1);
      ASSERT_TRUE(pool_->contains(tx.id()));
    }
    for (const auto& [address, view] : expected) ASSERT_EQ(pool_->next_nonce(address), view.nonce);
  }
}

TEST(MempoolThreads, SendersAndBlocksMeet) {
  test::ToyMachine machine({ToyUser(1).address, ToyUser(2).address});
  machine.init_chain();
  Mempool pool([&](std::span<const Address> addresses) { return machine.accounts(addresses); });
  constexpr std::uint64_t kEach = 60;
  const auto send = [&](std::uint8_t number) {
    const ToyUser user(number);
    for (std::uint64_t nonce = 0; nonce < kEach; ++nonce) {
      const VerifiedTx tx = make(user, {nonce});
      EXPECT_TRUE(pool.add({tx}, kNow).front());
      pool.contains(tx.id());
    }
  };
  std::thread first(send, std::uint8_t{1});
  std::thread second(send, std::uint8_t{2});
  std::uint64_t done = 0;
  for (std::uint64_t height = 1; done < 2 * kEach; ++height) {
    const BlockContext context{1, Height(height), kNow, {}};
    const auto txs = machine.prepare(context, pool.take(2000));
    machine.finalize(context, txs);
    machine.commit();
    pool.on_block(txs);
    done += txs.size();
    if (txs.empty()) std::this_thread::yield();
  }
  first.join();
  second.join();
  EXPECT_EQ(pool.size(), 0u);
}

}  // namespace
}  // namespace bourse::chain
