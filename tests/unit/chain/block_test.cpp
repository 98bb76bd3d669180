// SPDX-License-Identifier: Apache-2.0
//
// Goal: a block cannot differ from what its signed header says. Method: a valid pair of blocks,
// then one thing changed at a time, signed again where the signature would hide the point.
#include "chain/block.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "tests/support/tx_ids.hpp"

namespace bourse::chain {
namespace {

const SecretKey kSeed = *SecretKey::from(Bytes(32, 9));

void sign(Block& block) { block.signature = ed25519_sign(kSeed, header_hash(block.header).bytes); }

Block make(const Header* previous) {
  Block block;
  block.transactions = {{1, 2}, {3}};
  block.receipts = {{sha256(as_bytes("a")), 0, 0, Amount(5)},
                    {sha256(as_bytes("b")), 2, 1, Amount(6)}};
  block.events = {{7}, {8}};
  Header& header = block.header;
  header.height = Height(previous ? previous->height.value() + 1 : 1);
  header.time = TimeMs(1000);
  if (previous) header.previous = header_hash(*previous);
  header.transactions_root = transactions_root(test::tx_ids(block.transactions));
  header.receipts_root = receipts_root(block.receipts, block.events);
  header.proposer = ed25519_public(kSeed);
  sign(block);
  return block;
}

Result<void> verify(const Block& block, const Header* previous) {
  return verify_block(block, test::tx_ids(block.transactions), previous);
}

class BlockTest : public testing::Test {
 protected:
  const Block first_ = make(nullptr);
  Block second_ = make(&first_.header);

  void expect_invalid(bool sign_again = true) {
    if (sign_again) sign(second_);
    const auto result = verify(second_, &first_.header);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().kind, "block_invalid");
  }
};

TEST_F(BlockTest, AValidChainPassesAndSurvivesItsEncoding) {
  EXPECT_TRUE(verify(first_, nullptr));
  EXPECT_TRUE(verify(second_, &first_.header));
  const auto again = decode<Block>(encode(second_));
  ASSERT_TRUE(again);
  EXPECT_TRUE(verify(*again, &first_.header));
  EXPECT_EQ(encode(*again), encode(second_));
}

TEST_F(BlockTest, PlaceInTheChain) {
  EXPECT_TRUE(verify(second_, nullptr).has_error());
  EXPECT_TRUE(verify(first_, &first_.header).has_error());
  second_.header.height = Height(3);
  expect_invalid();
  second_ = make(&first_.header);
  second_.header.previous = sha256({});
  expect_invalid();
}

TEST_F(BlockTest, TimeMayStandStillAndNotRunBack) {
  second_.header.time = first_.header.time;
  sign(second_);
  EXPECT_TRUE(verify(second_, &first_.header));
  second_.header.time = first_.header.time - DurationMs(1);
  expect_invalid();
}

TEST_F(BlockTest, TransactionsAreTheOnesOfTheHeader) {
  std::swap(second_.transactions[0], second_.transactions[1]);
  expect_invalid();
}

TEST_F(BlockTest, SignatureIsTheProposersOverThisHeader) {
  second_.header.state_root = sha256({});
  expect_invalid(false);
  second_ = make(&first_.header);
  second_.header.proposer = ed25519_public(*SecretKey::from(Bytes(32, 8)));
  expect_invalid();
}

}  // namespace
}  // namespace bourse::chain
