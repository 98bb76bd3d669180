// SPDX-License-Identifier: Apache-2.0
//
// Goal: the root and the proofs are those of the last committed state, whatever the executor does
// meanwhile. Method: a World with jobs and transfers; blocks that are given up; a reader that
// proves records all the time while blocks are made, and whose proofs are judged afterwards.
// World::check_proofs, which the random walks call too, goes through every record.
#include "market/commitment.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/crypto.hpp"
#include "tests/support/world.hpp"

namespace bourse::market {
namespace {

using test::address_of;
using test::World;

World small_world() {
  return World(test::test_genesis(test::free_params(), {{"alice", 1'000'000}, {"bob", 1'000}}));
}

void pay(World& world, const std::string& name) {
  EXPECT_EQ(world.run("alice", Transfer{address_of(name), Amount(1)}), 0);
}

std::optional<Hash> value_of(const ProvedRecord& proved) {
  return proved.record ? std::optional(sha256(*proved.record)) : std::nullopt;
}

TEST(Commitment, ProvesEveryRecordAndTheAbsenceOfOthers) {
  World world = small_world();
  for (int i = 0; i < 50; ++i) pay(world, "friend " + std::to_string(i));
  world.check_proofs();
}

TEST(Commitment, ProvesTheGenesisBeforeTheFirstBlock) {
  const World world = small_world();
  Market market(world.market().genesis());
  market.init_chain();
  const ProvedRecord proved = market.prove("account", address_of("bob").bytes).value();
  EXPECT_EQ(proved.height, Height(0));
  EXPECT_TRUE(verify_state_proof(market.root(), proved.state_key, value_of(proved), proved.proof));
}

TEST(Commitment, RefusesWhatIsNoRecordsName) {
  const World world = small_world();
  const auto kind = [&](std::string_view table, std::size_t bytes) {
    const auto proved = world.market().prove(table, Bytes(bytes));
    return proved ? "ok" : proved.error().kind;
  };
  EXPECT_EQ(kind("accounts", 32), "table_unknown");
  EXPECT_EQ(kind("", 32), "table_unknown");
  EXPECT_EQ(kind("account", 31), "key_invalid");
  EXPECT_EQ(kind("account", 33), "key_invalid");
  EXPECT_EQ(kind("account", 32), "ok");
  EXPECT_EQ(kind("job", 16), "ok");
  EXPECT_EQ(kind("globals", 8), "ok");
}

TEST(Commitment, KnowsNothingOfBlocksThatAreGivenUp) {
  World world = small_world();
  pay(world, "carol");
  Market market(world.market().genesis());
  market.init_chain();
  const Hash before = market.root();
  const chain::BlockContext context{1, Height(1), world.now(), {}};
  const auto tx = [&](const std::string& to, std::uint64_t nonce) {
    return world.sign("alice", {to_operation(Transfer{address_of(to), Amount(1)})},
                      {.nonce = nonce});
  };
  // The same height is executed three times, and only the last time is meant.
  for (const char* to : {"dave", "erin"}) {
    const std::vector<chain::VerifiedTx> given_up = {tx(to, 0)};
    EXPECT_TRUE(market.finalize(context, given_up).changed);
    EXPECT_EQ(market.root(), before);
    market.give_up();
    EXPECT_EQ(market.root(), before);
  }
  EXPECT_FALSE(market.prove("account", address_of("dave").bytes).value().record);
  const std::vector<chain::VerifiedTx> meant = {tx("carol", 0)};
  chain::BlockContext same = context;
  same.proposer = ed25519_public(test::consensus_seed());
  EXPECT_TRUE(market.finalize(same, meant).changed);
  market.commit();
  EXPECT_EQ(market.root(), world.roots().back());
  EXPECT_FALSE(market.finalize({1, Height(2), world.now(), {}}, {}).changed);
  market.give_up();
  EXPECT_EQ(market.root(), world.roots().back());
}

TEST(Commitment, ProvesABlockWhenItIsDecided) {
  World world = small_world();
  Market market(world.market().genesis());
  market.init_chain();
  const Hash before = market.root();
  const auto finalize = [&](const std::string& to) {
    const auto pays = to_operation(Transfer{address_of(to), Amount(1)});
    const std::vector<chain::VerifiedTx> txs = {world.sign("alice", {pays}, {.nonce = 0})};
    EXPECT_TRUE(market.finalize({1, Height(1), world.now(), {}}, txs).changed);
    // Whoever asks now waits for the decision.
    return std::async(std::launch::async, [&market, to] {
      return market.prove("account", address_of(to).bytes).value();
    });
  };
  auto asked = finalize("dave");
  market.give_up();
  ProvedRecord proved = asked.get();
  EXPECT_EQ(proved.height, Height(0));
  EXPECT_FALSE(proved.record);
  asked = finalize("erin");
  market.commit();
  proved = asked.get();
  EXPECT_LE(proved.height, Height(1));
  EXPECT_EQ(proved.record.has_value(), proved.height == Height(1));
  EXPECT_NE(market.root(), before);
  EXPECT_EQ(market.root(), market.root());
  EXPECT_TRUE(market.prove("account", address_of("erin").bytes).value().record);
}

/// So many changes that the tree is still at them when it is known that the block is not meant.
TEST(Commitment, FollowsLargeBlocksOfWhichSomeAreGivenUp) {
  constexpr int kTransfers = 200;
  World world = small_world();
  Market market(world.market().genesis());
  market.init_chain();
  const auto finalize = [&](std::uint64_t height, const std::string& name) {
    std::vector<chain::VerifiedTx> txs;
    for (std::uint64_t i = 0; i < 4; ++i) {
      std::vector<chain::Operation> operations;
      for (int to = 0; to < kTransfers; ++to) {
        const std::string friend_name = name + std::to_string(i) + " " + std::to_string(to);
        operations.push_back(to_operation(Transfer{address_of(friend_name), Amount(1)}));
      }
      txs.push_back(world.sign("alice", operations, {.nonce = 4 * (height - 1) + i}));
    }
    const auto outcome = market.finalize({1, Height(height), world.now(), {}}, txs);
    for (const chain::Receipt& receipt : outcome.receipts) EXPECT_EQ(receipt.error, 0);
  };
  for (std::uint64_t height = 1; height <= 3; ++height) {
    finalize(height, "never ");
    market.give_up();
    finalize(height, height == 2 ? "new " : "old ");
    market.commit();
    Commitment anew;
    anew.rebuild(market.snapshot());
    EXPECT_EQ(market.root(), anew.root(Height(height))) << "height " << height;
  }
  finalize(4, "never ");
}

TEST(Commitment, ProofsAgreeWithTheirHeightWhileBlocksAreMade) {
  World world = small_world();
  pay(world, "carol");
  std::atomic<bool> stop = false;
  std::vector<ProvedRecord> seen;
  std::thread reader([&] {
    while (!stop || seen.size() < 10) {
      for (const char* name : {"alice", "carol", "nobody"}) {
        seen.push_back(world.market().prove("account", address_of(name).bytes).value());
      }
    }
  });
  for (int i = 0; i < 100; ++i) pay(world, i % 2 == 0 ? "carol" : "dave");
  stop = true;
  reader.join();
  for (const ProvedRecord& proved : seen) {
    const Hash& root = world.roots().at(proved.height.value() - 1);
    EXPECT_TRUE(verify_state_proof(root, proved.state_key, value_of(proved), proved.proof));
  }
  EXPECT_EQ(seen.back().height.value(), world.height());
}

}  // namespace
}  // namespace bourse::market
