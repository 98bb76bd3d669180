// SPDX-License-Identifier: Apache-2.0
//
// Goal: no two hold a piece at once, and what was given back is used again, whoever gave it.
// Method: pieces that are marked by their holder, by one thread and by several at a time.
#include "chain/recycler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

namespace bourse::chain {
namespace {

/// Each size has pieces of its own, so each test takes another.
template <std::size_t kBytes>
std::vector<void*> take(std::size_t count) {
  std::vector<void*> out(count);
  std::ranges::generate(out, Recycler<kBytes>::take);
  return out;
}

template <std::size_t kBytes>
void give(const std::vector<void*>& pieces) {
  std::ranges::for_each(pieces, Recycler<kBytes>::give);
}

std::size_t count_in(const std::vector<void*>& known, const std::vector<void*>& pieces) {
  const std::set<void*> set(known.begin(), known.end());
  return static_cast<std::size_t>(
      std::ranges::count_if(pieces, [&](void* piece) { return set.contains(piece); }));
}

TEST(Recycler, GivesEachPieceToOneHolder) {
  constexpr std::size_t bytes = 104;
  const std::vector<void*> pieces = take<bytes>(100);
  std::vector<std::uintptr_t> places;
  for (void* piece : pieces) places.push_back(reinterpret_cast<std::uintptr_t>(piece));
  std::ranges::sort(places);
  for (const std::uintptr_t place : places) EXPECT_EQ(place % alignof(void*), 0u);
  for (std::size_t i = 1; i < places.size(); ++i) EXPECT_GE(places[i] - places[i - 1], bytes);
  give<bytes>(pieces);
}

TEST(Recycler, UsesAgainWhatAnotherThreadHasGivenBack) {
  constexpr std::size_t bytes = 112;
  const std::vector<void*> pieces = take<bytes>(64);
  std::thread([&] { give<bytes>(pieces); }).join();
  const std::vector<void*> next = take<bytes>(64);
  EXPECT_EQ(count_in(pieces, next), 64u);
  give<bytes>(next);
}

TEST(Recycler, UsesAgainWhatAThreadHadLeftAtItsEnd) {
  constexpr std::size_t bytes = 120;
  std::vector<void*> pieces;
  std::thread([&] {
    pieces = take<bytes>(64);
    give<bytes>(pieces);
    give<bytes>(take<bytes>(1));  // takes all of them for itself, and gives one back
  }).join();
  const std::vector<void*> next = take<bytes>(64);
  EXPECT_EQ(count_in(pieces, next), 64u);
  give<bytes>(next);
}

#ifdef __SANITIZE_ADDRESS__
TEST(Recycler, LetsASanitizerFindAUseAfterTheEnd) {
  constexpr std::size_t bytes = 128;
  auto* const piece = static_cast<char*>(Recycler<bytes>::take());
  EXPECT_FALSE(__asan_address_is_poisoned(piece + bytes - 1));
  Recycler<bytes>::give(piece);
  EXPECT_TRUE(__asan_address_is_poisoned(piece + bytes - 1));
}
#endif

TEST(Recycler, KeepsThreadsApart) {
  constexpr int rounds = 300;
  constexpr std::size_t bytes = 136;
  const auto work = [](std::uint64_t mark) {
    for (int round = 0; round < rounds; ++round) {
      const std::vector<void*> pieces = take<bytes>(50);
      for (void* piece : pieces) *static_cast<std::uint64_t*>(piece) = mark;
      for (void* piece : pieces) ASSERT_EQ(*static_cast<std::uint64_t*>(piece), mark);
      give<bytes>(pieces);
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark);
  for (std::thread& thread : threads) thread.join();
}

TEST(RecyclingAllocator, ServesListsThatGrow) {
  std::vector<std::string, RecyclingAllocator<std::string>> list;
  for (int i = 0; i < 100; ++i) {
    list.push_back(std::to_string(i));
    auto copy = list;
    copy.shrink_to_fit();
    ASSERT_EQ(copy, list);
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(list[static_cast<std::size_t>(i)], std::to_string(i));
}

}  // namespace
}  // namespace bourse::chain
