// SPDX-License-Identifier: Apache-2.0
//
// Goal: quantities never wrap and never mix. Method: each operation at its limit and one beyond,
// and requires-expressions for what must not compile.
#include "base/quantity.hpp"

#include <gtest/gtest.h>

namespace bourse {
namespace {

constexpr std::uint64_t kMax = UINT64_MAX;

template <class A, class B>
constexpr bool kCanAdd = requires(A a, B b) {
  a + b;
};
template <class A, class B>
constexpr bool kCanCompare = requires(A a, B b) {
  a < b;
};

static_assert(kCanAdd<Amount, Amount> && kCanAdd<TimeMs, DurationMs>);
static_assert(!kCanAdd<Amount, Height> && !kCanAdd<Amount, std::uint64_t>);
static_assert(!kCanAdd<Amount, DurationMs> && !kCanAdd<DurationMs, TimeMs>);
static_assert(kCanCompare<Height, Height> && !kCanCompare<Height, Nonce>);
static_assert(!std::is_convertible_v<std::uint64_t, Amount>);

TEST(Quantity, CheckedOperationsReturnNothingBeyondTheRange) {
  EXPECT_EQ(checked_add(Amount(kMax - 1), Amount(1)), Amount(kMax));
  EXPECT_EQ(checked_add(Amount(kMax), Amount(1)), std::nullopt);
  EXPECT_EQ(checked_sub(Amount(1), Amount(1)), Amount(0));
  EXPECT_EQ(checked_sub(Amount(0), Amount(1)), std::nullopt);
  EXPECT_EQ(checked_mul(Amount(kMax / 2), 2), Amount(kMax - 1));
  EXPECT_EQ(checked_mul(Amount(kMax / 2 + 1), 2), std::nullopt);
  EXPECT_EQ(checked_mul(Amount(kMax), 0), Amount(0));
}

TEST(Quantity, PlainOperatorsStopTheProgramInsteadOfWrapping) {
  EXPECT_EQ(Amount(2) + Amount(3), Amount(5));
  EXPECT_EQ(Amount(3) - Amount(3), Amount(0));
  EXPECT_DEATH(Amount(kMax) + Amount(1), "has_value");
  EXPECT_DEATH(Amount(0) - Amount(1), "has_value");
  EXPECT_DEATH(TimeMs(kMax) + DurationMs(1), "has_value");
  Amount sum(1);
  sum += Amount(2);
  sum -= Amount(3);
  EXPECT_EQ(sum, Amount(0));
}

TEST(Quantity, ScalesIn128BitsAndRoundsDown) {
  EXPECT_EQ(Amount(7).scaled(1, 2), Amount(3));
  EXPECT_EQ(Amount(kMax).scaled(kMax, kMax), Amount(kMax));
  EXPECT_EQ(Amount(kMax).scaled(1, 1000), Amount(kMax / 1000));
  EXPECT_DEATH(Amount(kMax).scaled(2, 1), "UINT64_MAX");
  EXPECT_DEATH(Amount(1).scaled(1, 0), "denominator");
}

TEST(Quantity, ScaledOrGivesTheOtherWhereTheResultDoesNotFit) {
  EXPECT_EQ(Amount(7).scaled_or(3, 2, Amount(99)), Amount(10));
  EXPECT_EQ(Amount(kMax / 2).scaled_or(2, 1, Amount(99)), Amount(kMax - 1));
  EXPECT_EQ(Amount(kMax / 2 + 1).scaled_or(2, 1, Amount(99)), Amount(99));
}

TEST(Quantity, ElapsedNeverRunsBack) {
  EXPECT_EQ(elapsed(TimeMs(5), TimeMs(8)), DurationMs(3));
  EXPECT_EQ(elapsed(TimeMs(8), TimeMs(8)), DurationMs(0));
  EXPECT_EQ(elapsed(TimeMs(8), TimeMs(5)), DurationMs(0));
  EXPECT_EQ(TimeMs(8) - DurationMs(8), TimeMs(0));
  EXPECT_EQ(seconds(2), DurationMs(2000));
}

}  // namespace
}  // namespace bourse
