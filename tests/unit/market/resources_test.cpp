// SPDX-License-Identifier: Apache-2.0
//
// Goal: prices are exact and never overflow. Method: known sums, rounding at its edge, and the
// largest numbers that the checks let through.
#include "market/resources.hpp"

#include <gtest/gtest.h>

namespace bourse::market {
namespace {

Prices prices(std::uint64_t cpu, std::uint64_t memory, std::uint64_t disk, std::uint64_t gpu,
              std::uint64_t start_fee) {
  return {Amount(cpu), Amount(memory), Amount(disk), Amount(gpu), Amount(start_fee)};
}

TEST(Cost, IsTheDotProductByTheHour) {
  const Bundle bundle{1000, 2000, 3000, 4};
  EXPECT_EQ(cost(prices(1, 0, 0, 0, 0), bundle, 3600), Amount(1000));
  EXPECT_EQ(cost(prices(0, 1, 0, 0, 0), bundle, 3600), Amount(2000));
  EXPECT_EQ(cost(prices(0, 0, 1, 0, 0), bundle, 3600), Amount(3000));
  EXPECT_EQ(cost(prices(0, 0, 0, 1, 0), bundle, 3600), Amount(4));
  EXPECT_EQ(cost(prices(5, 6, 7, 8, 9), bundle, 3600), Amount(5000 + 12000 + 21000 + 32 + 9));
  EXPECT_EQ(cost(prices(5, 6, 7, 8, 9), bundle, 0), Amount(9));
}

TEST(Cost, IsRoundedDownOnceAndAtTheEnd) {
  // 1 + 1 + 1 halves of a grain are one grain, not three times none.
  const Bundle bundle{1, 1, 1, 0};
  EXPECT_EQ(cost(prices(1, 1, 1, 0, 0), bundle, 1800), Amount(1));
  EXPECT_EQ(cost(prices(1, 0, 0, 0, 7), bundle, 3599), Amount(7));
  EXPECT_EQ(cost(prices(1, 0, 0, 0, 7), bundle, 3600), Amount(8));
}

TEST(Cost, IsNothingAboveTheLargestAmount) {
  const Bundle one{1, 0, 0, 0};
  const std::uint64_t most = kAmountMax.value();
  EXPECT_EQ(cost(prices(most, 0, 0, 0, 0), one, 3600), kAmountMax);
  EXPECT_EQ(cost(prices(most, 0, 0, 0, 1), one, 3600), std::nullopt);
  EXPECT_EQ(cost(prices(0, 0, 0, 0, most), one, 3600), kAmountMax);
  const Bundle huge{kResourceMax, kResourceMax, kResourceMax, kResourceMax};
  EXPECT_EQ(cost(prices(most, most, most, most, most), huge, kRunSecondsMax), std::nullopt);
}

TEST(Bundle, FitsOnlyWithEveryResource) {
  const Bundle capacity{4, 3, 2, 1};
  EXPECT_TRUE(fits(capacity, capacity));
  EXPECT_TRUE(fits({}, capacity));
  EXPECT_FALSE(fits({5, 0, 0, 0}, capacity));
  EXPECT_FALSE(fits({0, 4, 0, 0}, capacity));
  EXPECT_FALSE(fits({0, 0, 3, 0}, capacity));
  EXPECT_FALSE(fits({0, 0, 0, 2}, capacity));
  EXPECT_EQ(add(subtract(capacity, {1, 1, 1, 1}), {1, 1, 1, 1}), capacity);
  EXPECT_DEATH(subtract(capacity, {0, 0, 0, 2}), "fits");
}

}  // namespace
}  // namespace bourse::market
