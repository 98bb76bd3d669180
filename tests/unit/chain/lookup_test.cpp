// SPDX-License-Identifier: Apache-2.0
//
// Goal: what was added is found, whether it is recent, being written or on disk, and histories come
// in order and in pages from wherever their parts are. Method: a naive list as the oracle, with
// checkpoints at random places.
#include "chain/lookup.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/crypto.hpp"
#include "chain/store.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::chain {
namespace {

Hash tx_of(std::uint64_t height, std::uint32_t index) {
  return sha256(as_bytes(std::to_string(height) + "/" + std::to_string(index)));
}

Subject subject(std::uint8_t number) {
  Subject out;
  out.bytes[0] = number;
  return out;
}

Block make_block(std::uint64_t height, std::uint32_t txs) {
  Block block;
  block.header.height = Height(height);
  block.header.time = TimeMs(1000 * height);
  for (std::uint32_t i = 0; i < txs; ++i) {
    block.receipts.push_back({tx_of(height, i), static_cast<std::uint16_t>(i), 0, Amount(height)});
  }
  return block;
}

class LookupTest : public testing::Test {
 protected:
  const Rows none_ = [](const RowSink&) { return Result<void>{}; };
  test::TempDir dir_;
  std::unique_ptr<Store> store_ =
      Store::open({dir_ / "db", dir_ / "anchor", sha256(as_bytes("chain")), 0}).value();
  Lookup lookup_{*store_};

  std::vector<Occurrence> history(std::uint8_t number, const HistoryRange& range) const {
    return lookup_.history(subject(number), range).value();
  }
};

TEST_F(LookupTest, FindsTransactionsWhereverTheyAre) {
  lookup_.add(make_block(1, 3), {});
  const Rows rows = lookup_.freeze();
  lookup_.add(make_block(2, 2), {});
  const auto expect_all = [&] {
    const Inclusion found = lookup_.find(tx_of(1, 2)).value();
    EXPECT_EQ(found.height, Height(1));
    EXPECT_EQ(found.index, 2u);
    EXPECT_EQ(found.time, TimeMs(1000));
    EXPECT_EQ(found.receipt.error, 2);
    EXPECT_EQ(found.receipt.fee, Amount(1));
    EXPECT_EQ(lookup_.find(tx_of(2, 1))->height, Height(2));
    EXPECT_EQ(lookup_.find(tx_of(2, 2)).error().kind, "tx_not_found");
  };
  expect_all();
  ASSERT_TRUE(store_->write_checkpoint({Height(1), {}, 3}, none_, rows));
  expect_all();
  lookup_.thaw();
  expect_all();
}

TEST_F(LookupTest, FindsTransactionsWhoseIdsBeginAlike) {
  const auto id = [](std::uint8_t first, std::uint8_t last) {
    Hash out;
    out.bytes[0] = first;
    out.bytes[31] = last;
    return out;
  };
  const auto add = [&](std::uint64_t height, const std::vector<Hash>& txs) {
    Block block = make_block(height, 0);
    for (const Hash& tx : txs) block.receipts.push_back({tx, 0, 0, Amount(height)});
    lookup_.add(block, {});
  };
  for (std::uint64_t checkpoint = 0; checkpoint < 3; ++checkpoint) {
    const auto number = static_cast<std::uint8_t>(checkpoint);
    // The last could not be admitted by the blocks before, and is in each of them again.
    add(2 * checkpoint + 1, {id(1, number), id(2, number), id(7, 7)});
    add(2 * checkpoint + 2, {id(1, 100 + number), id(7, 7)});
    ASSERT_TRUE(
        store_->write_checkpoint({Height(2 * checkpoint + 2), {}, 0}, none_, lookup_.freeze()));
    lookup_.thaw();
  }
  for (std::uint8_t number = 0; number < 3; ++number) {
    EXPECT_EQ(lookup_.find(id(1, number))->receipt.fee, Amount(2U * number + 1));
    EXPECT_EQ(lookup_.find(id(1, number))->index, 0u);
    EXPECT_EQ(lookup_.find(id(2, number))->index, 1u);
    EXPECT_EQ(lookup_.find(id(1, 100 + number))->height, Height(2U * number + 2));
  }
  EXPECT_EQ(lookup_.find(id(7, 7))->height, Height(6));
  for (const Hash& absent : {id(1, 3), id(2, 100), id(0, 0), id(3, 0), id(255, 255)}) {
    EXPECT_EQ(lookup_.find(absent).error().kind, "tx_not_found");
  }
}

TEST_F(LookupTest, HistoriesAreThoseOfANaiveList) {
  std::mt19937 random(7);
  std::map<std::uint8_t, std::vector<Occurrence>> naive;
  for (std::uint64_t height = 1; height <= 60; ++height) {
    std::vector<Mention> mentions;
    for (std::uint32_t item = 0; item < random() % 5; ++item) {
      const auto number = static_cast<std::uint8_t>(random() % 4);
      mentions.push_back({subject(number), item});
      if (random() % 2 == 0) mentions.push_back(mentions.back());  // said twice, kept once
      naive[number].push_back({Height(height), item});
    }
    lookup_.add(make_block(height, 0), mentions);
    if (random() % 8 == 0) {
      ASSERT_TRUE(store_->write_checkpoint({Height(height), {}, 0}, none_, lookup_.freeze()));
      if (height < 55) lookup_.thaw();
      if (height >= 55) break;  // the last one stays both frozen and written
    }
  }
  for (int i = 0; i < 400; ++i) {
    const auto number = static_cast<std::uint8_t>(random() % 5);
    HistoryRange range;
    range.first = {Height(random() % 62), static_cast<std::uint32_t>(random() % 5)};
    range.last = {Height(random() % 62), static_cast<std::uint32_t>(random() % 5)};
    range.limit = random() % 12;
    range.newest_first = random() % 2 == 0;
    std::vector<Occurrence> expected = naive[number];
    std::erase_if(expected, [&](const auto& at) { return at < range.first || at > range.last; });
    if (range.newest_first) std::ranges::reverse(expected);
    expected.resize(std::min(expected.size(), range.limit));
    ASSERT_EQ(history(number, range), expected) << i;
  }
}

}  // namespace
}  // namespace bourse::chain
