// SPDX-License-Identifier: Apache-2.0
//
// Goal: the solo engine makes the blocks that are due and no other. Method: the toy machine, a
// clock that stands still until it is moved, and step() called by hand; threads only where threads
// are the subject.
#include "chain/solo.hpp"

#include "tests/support/solo_fixture.hpp"

namespace bourse::chain {
namespace {

using test::SoloRig;
using test::SoloTest;
using test::ToyMachine;
using test::ToyUser;

TEST_F(SoloTest, AnIdleChainMakesNoBlocks) {
  EXPECT_FALSE(step());
  pass(1'000'000);
  EXPECT_FALSE(step());
  EXPECT_EQ(engine().status().height, Height(0));
}

TEST_F(SoloTest, ATransactionGetsABlockAndAReceipt) {
  const Hash id = pay(250);
  EXPECT_EQ(engine().status().waiting, 1u);
  EXPECT_EQ(engine().find(id).error().kind, "tx_waiting");
  EXPECT_EQ(engine().next_nonce(alice_.address), Nonce(1));
  EXPECT_TRUE(step());
  const auto found = engine().find(id);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->height, Height(1));
  EXPECT_EQ(found->receipt.error, 0);
  EXPECT_EQ(found->receipt.tx, id);
  EXPECT_EQ(rig_->machine->account(bob_.address).balance, test::kToyBalance + Amount(250));
  EXPECT_TRUE(verify_block(tip_block(), {id}, nullptr));
  EXPECT_EQ(engine().status().hash, header_hash(tip_block().header));
  EXPECT_EQ(engine().find(sha256({})).error().kind, "tx_not_found");
  EXPECT_FALSE(step());
}

TEST_F(SoloTest, AFailedTransactionPaysItsFee) {
  const Hash id = pay(test::kToyBalance.value());
  EXPECT_TRUE(step());
  EXPECT_EQ(engine().find(id)->receipt.error, test::toy_too_poor);
  EXPECT_EQ(rig_->machine->account(alice_.address).balance, test::kToyBalance - test::kToyFee);
}

TEST_F(SoloTest, SubmittingIsIdempotent) {
  const Bytes raw = rig_->transaction(alice_, 0, ToyUser::pay(bob_.address, 1));
  const Hash id = engine().submit(raw).value();
  EXPECT_EQ(engine().submit(raw).value(), id);
  EXPECT_TRUE(step());
  EXPECT_EQ(engine().submit(raw).value(), id);
  EXPECT_EQ(engine().status().waiting, 0u);
  restart();
  EXPECT_EQ(engine().submit(raw).value(), id);
  // Another one with the same nonce is no repetition.
  const auto other = engine().submit(rig_->transaction(alice_, 0, ToyUser::pay(bob_.address, 2)));
  EXPECT_EQ(other.error().kind, "nonce_too_low");
}

TEST_F(SoloTest, ARepetitionIsKnownWhateverHasBecomeOfItsSender) {
  const std::uint64_t all = (test::kToyBalance - test::kToyFee).value();
  const Bytes raw = rig_->transaction(alice_, 0, ToyUser::pay(bob_.address, all));
  const Hash id = engine().submit(raw).value();
  EXPECT_TRUE(step());
  EXPECT_EQ(rig_->machine->account(alice_.address).balance, Amount());
  EXPECT_EQ(engine().submit(raw).value(), id);
  pass(3'600'001);
  EXPECT_EQ(engine().submit(raw).value(), id);
}

/// Lets something happen right after it has answered a question about accounts.
class InterruptedMachine : public ToyMachine {
 public:
  using ToyMachine::ToyMachine;
  mutable std::function<void()> meanwhile;

  std::vector<AccountView> accounts(std::span<const Address> addresses) const override {
    auto out = ToyMachine::accounts(addresses);
    if (const auto action = std::exchange(meanwhile, nullptr)) action();
    return out;
  }
};

TEST_F(SoloTest, ARepetitionThatMeetsItsOwnBlockIsNoFailure) {
  auto owned = std::make_unique<InterruptedMachine>(test::rich_users());
  const InterruptedMachine& machine = *owned;
  restart(std::move(owned));
  const Bytes raw = rig_->transaction(alice_, 0, ToyUser::pay(bob_.address, 1));
  const Hash id = engine().submit(raw).value();
  machine.meanwhile = [this] { EXPECT_TRUE(step()); };
  const auto again = engine().submit(raw);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, id);
  EXPECT_EQ(engine().status().height, Height(1));
  EXPECT_EQ(engine().status().waiting, 0u);
}

TEST_F(SoloTest, BadTransactionsAreRefused) {
  EXPECT_EQ(engine().submit({1, 2, 3}).error().kind, "tx_malformed");
  EXPECT_EQ(rig_->send(alice_, {9, {}}).error().kind, "toy_operation_unknown");
  EXPECT_EQ(rig_->send(ToyUser(9), ToyUser::alarm(TimeMs(1))).error().kind,
            "balance_too_low_for_fee");
  const Bytes late = rig_->transaction(alice_, 0, ToyUser::pay(bob_.address, 1));
  pass(3'600'001);
  EXPECT_EQ(engine().submit(late).error().kind, "tx_expired");
}

TEST_F(SoloTest, WaitingTransactionsExpire) {
  pay();
  pass(3'600'001);
  EXPECT_FALSE(step());
  EXPECT_EQ(engine().status().waiting, 0u);
}

TEST_F(SoloTest, ABlockTakesWhatFits) {
  for (std::uint64_t i = 0; i < 64; ++i) pay();
  EXPECT_EQ(rig_->send(alice_, ToyUser::pay(bob_.address, 1)).error().kind, "account_queue_full");
  EXPECT_TRUE(step());
  EXPECT_EQ(tip_block().transactions.size(), 64u);
}

TEST_F(SoloTest, TimeNeverRunsBack) {
  pay();
  step();
  const TimeMs first = tip_block().header.time;
  rig_->now -= 500'000;
  EXPECT_TRUE(rig_->engine->submit(
      sign_tx(alice_.body(test::kRigChain, 1, first, ToyUser::pay(bob_.address, 1)), alice_.key)));
  EXPECT_TRUE(step());
  EXPECT_EQ(tip_block().header.time, first);
  rig_->now += 500'001;
  pay();
  EXPECT_TRUE(step());
  EXPECT_EQ(tip_block().header.time, first + DurationMs(1));
}

TEST_F(SoloTest, TheFirstBlockIsNotBeforeTheGenesis) {
  rig_->now = 1;
  EXPECT_TRUE(engine().submit(
      sign_tx(alice_.body(test::kRigChain, 0, test::kRigStart, ToyUser::pay(bob_.address, 1)),
              alice_.key)));
  EXPECT_TRUE(step());
  EXPECT_EQ(tip_block().header.time, test::kRigStart);
}

TEST_F(SoloTest, AChangedRootIsProvenOnceWhenIdle) {
  pay();
  EXPECT_TRUE(step());
  pass(999);
  EXPECT_FALSE(step());
  pass(1);
  EXPECT_TRUE(step());
  EXPECT_TRUE(tip_block().transactions.empty());
  EXPECT_EQ(tip_block().header.state_root, rig_->machine->root());
  pass(1'000'000);
  EXPECT_FALSE(step());
}

TEST_F(SoloTest, ABusyChainNeedsNoProofBlocks) {
  for (int i = 0; i < 5; ++i) {
    pay();
    EXPECT_TRUE(step());
    pass(900);
  }
  EXPECT_EQ(engine().status().height, Height(5));
}

TEST_F(SoloTest, WakesWhenTheMachineAsks) {
  rig_->send(alice_, ToyUser::alarm(TimeMs(rig_->now + 60'000))).value();
  EXPECT_TRUE(step());
  pass(1000);
  EXPECT_TRUE(step()) << "the proof block";
  pass(58'999);
  EXPECT_FALSE(step());
  pass(1);
  EXPECT_TRUE(step());
  EXPECT_EQ(tip_block().events.size(), 1u);
  EXPECT_EQ(rig_->machine->committed().rung, 1u);
}

TEST_F(SoloTest, ListenersSeeCommittedBlocks) {
  std::vector<std::uint64_t> heights;
  engine().on_block([&](const Block& block) {
    EXPECT_TRUE(engine().find(tx_id(block.transactions[0])));
    EXPECT_EQ(engine().status().height, block.header.height);
    EXPECT_EQ(rig_->store->tip()->height, block.header.height);
    EXPECT_EQ(rig_->machine->account(alice_.address).nonce.value(), block.header.height.value());
    heights.push_back(block.header.height.value());
  });
  pay();
  step();
  pay();
  step();
  EXPECT_EQ(heights, (std::vector<std::uint64_t>{1, 2}));
}

// --- Machines that break their promises ---------------------------------------------------------

class NervousMachine : public ToyMachine {
 public:
  using ToyMachine::ToyMachine;
  std::optional<TimeMs> wake_at() const override { return TimeMs(0); }
  BlockOutcome finalize(const BlockContext& context, std::span<const VerifiedTx> txs) override {
    ++finalized;
    return ToyMachine::finalize(context, txs);
  }
  int finalized = 0;
};

TEST_F(SoloTest, WakingForNothingSealsNothingAndIsTriedOncePerSecond) {
  restart(std::make_unique<NervousMachine>(test::rich_users()));
  const auto& machine = dynamic_cast<NervousMachine&>(*rig_->machine);
  EXPECT_FALSE(step());
  pass(999);
  EXPECT_FALSE(step());
  EXPECT_EQ(machine.finalized, 1);
  pass(1);
  EXPECT_FALSE(step());
  EXPECT_EQ(machine.finalized, 2);
  EXPECT_EQ(engine().status().height, Height(0));
  pay();
  EXPECT_TRUE(step());
  EXPECT_EQ(engine().status().height, Height(1));
}

class PickyMachine : public ToyMachine {
 public:
  using ToyMachine::ToyMachine;
  std::vector<VerifiedTx> prepare(const BlockContext&, std::vector<VerifiedTx>) override {
    return {};
  }
};

TEST_F(SoloTest, WhatTheMachineNeverTakesDoesNotWaitForEver) {
  restart(std::make_unique<PickyMachine>(test::rich_users()));
  pay();
  EXPECT_FALSE(step());
  EXPECT_EQ(engine().status().waiting, 0u);
}

// --- With its thread ----------------------------------------------------------------------------

class SoloThreadTest : public testing::Test {
 protected:
  test::TempDir dir_;
  SoloRig rig_{dir_.path()};

  template <class Condition>
  bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
      std::this_thread::yield();
    }
    return condition();
  }
};

TEST_F(SoloThreadTest, ManySendersAreAllServed) {
  rig_.config.checkpoint_interval_blocks = 5;
  rig_.open();
  std::atomic<std::uint64_t> included{0};
  rig_.engine->on_block([&](const Block& block) { included += block.transactions.size(); });
  ASSERT_TRUE(rig_.engine->start());
  constexpr std::uint64_t kEach = 100;
  std::vector<std::thread> senders;
  for (std::uint8_t number = 1; number <= 4; ++number) {
    senders.emplace_back([&, number] {
      const ToyUser user(number);
      const ToyUser friendly(static_cast<std::uint8_t>(number % 4 + 1));
      for (std::uint64_t nonce = 0; nonce < kEach;) {
        const auto sent = rig_.engine->submit(
            rig_.transaction(user, nonce, ToyUser::pay(friendly.address, nonce)));
        if (sent) {
          ++nonce;
        } else {
          EXPECT_EQ(sent.error().kind, "account_queue_full");
          std::this_thread::yield();
        }
        rig_.engine->status();
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_TRUE(eventually([&] { return included == 4 * kEach; }));
  rig_.engine->stop();
  Amount total;
  const auto state = rig_.machine->committed();
  for (const auto& account : state.accounts) total += account.balance;
  EXPECT_EQ(total + state.burned, Amount(4 * test::kToyBalance.value()));
  rig_.engine->stop();
}

/// Takes its time for each block, and something happens meanwhile.
class BusyMachine : public ToyMachine {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kTaken{5};
  struct Execution {
    Clock::time_point begin;
    Clock::time_point end;
  };

  using ToyMachine::ToyMachine;
  std::function<void()> meanwhile;
  std::vector<Execution> executions;  // for when the engine has stopped

  BlockOutcome finalize(const BlockContext& context, std::span<const VerifiedTx> txs) override {
    const auto begin = Clock::now();
    if (const auto action = std::exchange(meanwhile, nullptr)) action();
    while (Clock::now() < begin + kTaken) std::this_thread::yield();
    auto out = ToyMachine::finalize(context, txs);
    executions.push_back({begin, Clock::now()});
    return out;
  }
};

TEST_F(SoloThreadTest, ABlockUnderLoadIsFollowedByAPause) {
  auto owned = std::make_unique<BusyMachine>(test::rich_users());
  BusyMachine& machine = *owned;
  const test::TempDir dir;
  SoloRig rig(dir.path(), std::move(owned));
  rig.config.mempool.transactions = 256;
  rig.open();
  // One more comes while 64 are executed, which are a crowd until the block is there and no longer.
  machine.meanwhile = [&] { rig.send(ToyUser(2), ToyUser::pay(ToyUser(1).address, 1)).value(); };
  ASSERT_TRUE(rig.engine->start());
  std::vector<Bytes> load;
  for (std::uint64_t nonce = 0; nonce < 64; ++nonce) {
    load.push_back(rig.transaction(ToyUser(1), nonce, ToyUser::pay(ToyUser(2).address, 1)));
  }
  for (const auto& id : rig.engine->submit_all(std::move(load))) ASSERT_TRUE(id);
  ASSERT_TRUE(eventually([&] { return rig.engine->status().height == Height(2); }));
  rig.engine->stop();
  EXPECT_GE(machine.executions[1].begin - machine.executions[0].end, 8 * BusyMachine::kTaken);
}

TEST_F(SoloThreadTest, AStandingClockThatJumpsIsNoticed) {
  rig_.open();
  ASSERT_TRUE(rig_.engine->start());
  const ToyUser alice(1);
  rig_.send(alice, ToyUser::alarm(TimeMs(rig_.now + 3'600'000))).value();
  ASSERT_TRUE(eventually([&] { return rig_.engine->status().height == Height(1); }));
  rig_.now += 7'200'000;
  // Without a poke the engine looks at the clock again by itself, within a second.
  EXPECT_TRUE(eventually([&] { return rig_.machine->committed().rung == 1; }));
  rig_.now -= 1'000'000;
  const Hash id = rig_.send(alice, ToyUser::pay(alice.address, 1)).value();
  EXPECT_TRUE(eventually([&] { return rig_.engine->find(id).has_value(); }));
}

}  // namespace
}  // namespace bourse::chain
