// SPDX-License-Identifier: Apache-2.0
//
// Goal: a PagedArray is an array, and a copy of it never changes. Method: sizes around the edges of
// pages and directories, a comparison with std::vector under random edits while copies are held,
// and a count of live elements that shows what is shared and what is freed.
#include "chain/paged_array.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <thread>

namespace bourse::chain {
namespace {

constexpr std::uint32_t kPage = 256 / sizeof(std::uint32_t);

std::vector<std::uint32_t> contents(const PagedArray<std::uint32_t>& array) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < array.size(); ++i) out.push_back(array[i]);
  return out;
}

TEST(PagedArray, HoldsWhatWasPushedAroundTheEdgesOfPages) {
  PagedArray<std::uint32_t> array;
  EXPECT_EQ(array.size(), 0u);
  for (std::uint32_t i = 0; i < 2 * kPage + 1; ++i) {
    array.push_back(i);
    ASSERT_EQ(array.size(), i + 1);
    ASSERT_EQ(array[i], i);
  }
  for (const std::uint32_t i : {0u, kPage - 1, kPage, 2 * kPage - 1, 2 * kPage}) {
    EXPECT_EQ(array[i], i);
  }
}

TEST(PagedArray, GoesBeyondOneDirectory) {  // A directory holds 512 pages.
  struct Big {
    std::uint32_t number = 0;
    char rest[4096] = {};
  };
  PagedArray<Big> array;
  for (std::uint32_t i = 0; i < 1030; ++i) array.push_back({i, {}});
  const PagedArray<Big> copy = array;
  array.edit(511).number = 7;
  array.edit(512).number = 8;
  for (const std::uint32_t i : {0u, 511u, 512u, 1023u, 1024u, 1029u}) EXPECT_EQ(copy[i].number, i);
  EXPECT_EQ(array[511].number, 7u);
  EXPECT_EQ(array[512].number, 8u);
}

TEST(PagedArray, ACopyStaysAsItWas) {
  PagedArray<std::string> array;
  array.push_back("a");
  const PagedArray<std::string> first = array;
  array.edit(0) = "b";
  array.push_back("c");
  const PagedArray<std::string> second = array;
  array.pop_back();
  array.edit(0) = "d";
  EXPECT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0], "a");
  EXPECT_EQ(second.size(), 2u);
  EXPECT_EQ(second[0], "b");
  EXPECT_EQ(second[1], "c");
  EXPECT_EQ(array[0], "d");
}

TEST(PagedArray, ACopyCanBeWrittenWithoutTheOriginal) {
  PagedArray<std::uint32_t> original;
  for (std::uint32_t i = 0; i < 10; ++i) original.push_back(i);
  PagedArray<std::uint32_t> copy = original;
  copy.edit(3) = 99;
  copy.push_back(10);
  EXPECT_EQ(original[3], 3u);
  EXPECT_EQ(original.size(), 10u);
  EXPECT_EQ(copy[3], 99u);
}

TEST(PagedArray, GrowsAgainAfterPopsOverAPage) {
  PagedArray<std::uint32_t> array;
  for (std::uint32_t i = 0; i < kPage + 1; ++i) array.push_back(i);
  const PagedArray<std::uint32_t> copy = array;
  for (int i = 0; i < 3; ++i) array.pop_back();
  for (std::uint32_t i = 0; i < 3; ++i) array.push_back(100 + i);
  EXPECT_EQ(array[kPage - 2], 100u);
  EXPECT_EQ(array[kPage], 102u);
  EXPECT_EQ(copy[kPage - 2], kPage - 2);
  EXPECT_EQ(copy[kPage], kPage);
}

TEST(PagedArray, AnswersLikeAVectorWhileCopiesAreHeld) {
  std::mt19937 random(1);
  PagedArray<std::uint32_t> array;
  std::vector<std::uint32_t> model;
  std::vector<std::pair<PagedArray<std::uint32_t>, std::vector<std::uint32_t>>> held;
  for (int step = 0; step < 20'000; ++step) {
    const auto number = static_cast<std::uint32_t>(random());
    if (model.empty() || number % 8 < 4) {
      array.push_back(number);
      model.push_back(number);
    } else if (number % 8 == 4) {
      array.pop_back();
      model.pop_back();
    } else {
      const auto index = static_cast<std::uint32_t>(random() % model.size());
      array.edit(index) = number;
      model[index] = number;
    }
    if (step % 2000 == 0) held.emplace_back(array, model);
  }
  EXPECT_EQ(contents(array), model);
  for (const auto& [copy, content] : held) EXPECT_EQ(contents(copy), content);
}

/// Counts how many copies of it there are.
struct Counted {
  static inline int alive = 0;
  Counted() { ++alive; }
  Counted(const Counted& other) : rest(other.rest) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
  std::array<std::uint8_t, 256> rest{};  // Eight to a page.
};

TEST(PagedArray, CopiesShareAllPagesButTheWrittenOnes) {
  {
    PagedArray<Counted> array;
    for (int i = 0; i < 40; ++i) array.push_back({});
    EXPECT_EQ(Counted::alive, 40);
    std::optional<PagedArray<Counted>> copy = array;
    EXPECT_EQ(Counted::alive, 40);
    array.edit(0);
    array.edit(1);
    EXPECT_EQ(Counted::alive, 48);
    array.edit(8);
    EXPECT_EQ(Counted::alive, 56);
    copy.reset();
    EXPECT_EQ(Counted::alive, 40);
    array.edit(16);
    EXPECT_EQ(Counted::alive, 40);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(PagedArray, ReadersInOtherThreadsSeeTheirOwnCopy) {
  PagedArray<std::uint32_t> array;
  for (std::uint32_t i = 0; i < 3 * kPage; ++i) array.push_back(0);
  std::vector<std::thread> readers;
  std::atomic<int> torn{0};
  for (std::uint32_t round = 1; round <= 20; ++round) {
    readers.emplace_back([copy = array, round, &torn]() mutable {
      for (std::uint32_t i = 0; i < copy.size(); ++i) torn += copy[i] != round - 1;
      copy = {};
    });
    for (std::uint32_t i = 0; i < array.size(); ++i) array.edit(i) = round;
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
}

TEST(PagedArrayDeathTest, StopsAtAnIndexThatIsNotThere) {
  PagedArray<std::uint32_t> array;
  EXPECT_DEATH(array.pop_back(), "size_ > 0");
  array.push_back(1);
  EXPECT_DEATH(array[1], "index < size_");
  EXPECT_DEATH(array.edit(1), "index < size_");
}

}  // namespace
}  // namespace bourse::chain
