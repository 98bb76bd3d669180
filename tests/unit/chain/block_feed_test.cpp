// SPDX-License-Identifier: Apache-2.0
//
// Goal: every block comes once and in order, and a bad one ends the feed with its reason; only a
// verifier looks at signatures. Method: blocks of a rig, with one replaced.
#include "chain/block_feed.hpp"

#include <gtest/gtest.h>

#include "tests/support/solo_rig.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tx_ids.hpp"

namespace bourse::chain {
namespace {

class BlockFeedTest : public testing::Test {
 protected:
  BlockFeedTest() {
    rig_.open();
    rig_.engine->recover().value();
    for (int i = 0; i < 20; ++i) {
      rig_.send(user_, test::ToyUser::pay(test::ToyUser(2).address, 1)).value();
      EXPECT_TRUE(rig_.engine->step().value());
    }
  }
  Bytes transaction(std::uint64_t alarm, const test::ToyUser& signer) const {
    return sign_tx(user_.body(test::kRigChain, 20, test::kRigStart + seconds(60),
                              test::ToyUser::alarm(TimeMs(alarm))),
                   signer.key);
  }
  /// Appends a block of this transaction, which was sealed with `sealed` in its place.
  void append(const Bytes& transaction, const Bytes& sealed) {
    const Header tip = *rig_.store->tip();
    Block block;
    block.transactions = {transaction};
    block.header.chain_id = test::kRigChain;
    block.header.height = tip.height + Height(1);
    block.header.time = tip.time;
    block.header.previous = header_hash(tip);
    block.header.transactions_root = transactions_root(test::tx_ids({&sealed, 1}));
    block.header.receipts_root = receipts_root({}, {});
    block.header.proposer = ed25519_public(rig_.config.consensus_seed);
    block.signature = ed25519_sign(rig_.config.consensus_seed, header_hash(block.header).bytes);
    ASSERT_TRUE(rig_.store->append(block));
  }
  /// The heights that come, and the kind of error that ends them.
  std::pair<std::vector<std::uint64_t>, std::string> drain(BlockFeed& feed) {
    std::vector<std::uint64_t> heights;
    for (;;) {
      const auto next = feed.next();
      if (next.has_error()) return {heights, next.error().kind};
      if (!*next) return {heights, ""};
      const auto& [block, txs] = **next;
      std::vector<Bytes> raws;
      for (const VerifiedTx& tx : txs) raws.push_back(tx.raw());
      EXPECT_EQ(transactions_root(test::tx_ids(raws)), block.header.transactions_root);
      heights.push_back(block.header.height.value());
    }
  }
  static std::vector<std::uint64_t> range(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> out;
    for (std::uint64_t h = from; h <= to; ++h) out.push_back(h);
    return out;
  }

  test::TempDir dir_;
  test::SoloRig rig_{dir_.path()};
  const test::ToyUser user_{1};
  WorkerPool pool_{2};
  Verifier verifier_{pool_};
};

TEST_F(BlockFeedTest, FeedsAllInOrder) {
  BlockFeed all(*rig_.store, std::nullopt, Height(20), &verifier_);
  EXPECT_EQ(drain(all), std::pair(range(1, 20), std::string()));
  BlockFeed rest(*rig_.store, rig_.store->block(Height(17))->header, Height(20), nullptr);
  EXPECT_EQ(drain(rest), std::pair(range(18, 20), std::string()));
  BlockFeed none(*rig_.store, rig_.store->tip(), Height(20), nullptr);
  EXPECT_EQ(drain(none), std::pair(range(1, 0), std::string()));
}

TEST_F(BlockFeedTest, StopsWhenNobodyTakes) {
  BlockFeed feed(*rig_.store, std::nullopt, Height(20), nullptr);
  EXPECT_TRUE(feed.next().value());
}

TEST_F(BlockFeedTest, OnlyAVerifierLooksAtSignatures) {
  const Bytes forged = transaction(1, test::ToyUser(2));
  append(forged, forged);
  BlockFeed trusting(*rig_.store, std::nullopt, Height(21), nullptr);
  EXPECT_EQ(drain(trusting), std::pair(range(1, 21), std::string()));
  BlockFeed strict(*rig_.store, std::nullopt, Height(21), &verifier_);
  EXPECT_EQ(drain(strict), std::pair(range(1, 20), std::string("tx_signature_invalid")));
}

TEST_F(BlockFeedTest, AnotherTransactionThanTheSealedOneEndsIt) {
  append(transaction(1, user_), transaction(2, user_));
  BlockFeed feed(*rig_.store, std::nullopt, Height(21), nullptr);
  EXPECT_EQ(drain(feed), std::pair(range(1, 20), std::string("block_invalid")));
}

TEST_F(BlockFeedTest, AMissingBlockEndsIt) {
  BlockFeed feed(*rig_.store, std::nullopt, Height(21), nullptr);
  EXPECT_EQ(drain(feed), std::pair(range(1, 20), std::string("block_not_found")));
}

}  // namespace
}  // namespace bourse::chain
