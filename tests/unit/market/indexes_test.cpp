// SPDX-License-Identifier: Apache-2.0
//
// Goal: timers fire in the order of SPEC 5.6 however they are packed. Method: random entries and
// those at the edges of the packing, in the order of the plain tuple that they stand for.
#include "market/indexes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

namespace bourse::market {
namespace {

constexpr std::uint32_t kHandlesMax = 1U << chain::kHandleBits;

using Plain = std::tuple<std::uint64_t, TimerKind, std::uint32_t>;

std::vector<Plain> plain_entries() {
  std::vector<Plain> out;
  std::mt19937_64 random(1);
  for (const std::uint64_t due : {0ULL, 1ULL, 0xffff'ffffULL, 0x1'0000'0000ULL, ~0ULL}) {
    for (const auto kind : {TimerKind::provider, TimerKind::assignment}) {
      for (const std::uint32_t handle : {0U, 1U, kHandlesMax - 1}) {
        out.emplace_back(due, kind, handle);
      }
    }
  }
  for (int i = 0; i < 50; ++i) {
    out.emplace_back(random(), static_cast<TimerKind>(random() % 4), random() % kHandlesMax);
  }
  return out;
}

TEST(TimerEntry, IsOrderedAsWhatItStandsFor) {
  const auto packed = [](const Plain& plain) {
    const auto [due, kind, handle] = plain;
    return TimerEntry(TimeMs(due), kind, handle);
  };
  for (const Plain& a : plain_entries()) {
    const TimerEntry entry = packed(a);
    EXPECT_EQ(Plain(entry.due().value(), entry.kind(), entry.handle()), a);
    for (const Plain& b : plain_entries()) EXPECT_EQ(entry <=> packed(b), a <=> b);
  }
  EXPECT_EQ(sizeof(TimerEntry), 12);
}

}  // namespace
}  // namespace bourse::market
