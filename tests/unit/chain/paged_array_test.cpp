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

TEST(PagedArray, GoesBeyondOneDirectory) {  // A directory holds 128 pages.
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
  explicit Counted(std::uint8_t number) : Counted() { rest[0] = number; }
  Counted(const Counted& other) : rest(other.rest) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
  std::array<std::uint8_t, 256> rest{};  // Four to a page.
};

/// What the writer has replaced waits until the array is written beside a copy again. That is done
/// here, and leaves the one page that it replaces.
void hand_on(PagedArray<Counted>& array) {
  const PagedArray<Counted> copy = array;
  array.edit(0);
}
constexpr int kWaiting = 4;

TEST(PagedArray, CopiesShareAllPagesButTheWrittenOnes) {
  {
    PagedArray<Counted> array;
    for (int i = 0; i < 40; ++i) array.push_back({});
    EXPECT_EQ(Counted::alive, 40);
    std::optional<PagedArray<Counted>> copy = array;
    EXPECT_EQ(Counted::alive, 40);
    array.edit(0);
    array.edit(1);
    EXPECT_EQ(Counted::alive, 44);
    array.edit(8);
    EXPECT_EQ(Counted::alive, 48);
    copy.reset();
    array.edit(16);
    hand_on(array);
    EXPECT_EQ(Counted::alive, 40 + kWaiting);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(PagedArray, LetsNoMoreThanSomePagesWait) {
  PagedArray<Counted> array;
  for (int i = 0; i < 1'000; ++i) array.push_back({});
  std::optional<PagedArray<Counted>> copy = array;
  for (std::uint32_t i = 0; i < 1'000; ++i) array.edit(i);
  EXPECT_EQ(Counted::alive, 2'000);
  copy.reset();
  EXPECT_LT(Counted::alive, 1'000 + 64 * 4);
}

TEST(PagedArray, KeepsOfOldCopiesWhatSomebodyStillSees) {
  {
    PagedArray<Counted> array;
    for (int i = 0; i < 40; ++i) array.push_back({});
    std::optional<PagedArray<Counted>> first = array;
    for (std::uint32_t i = 0; i < 100; ++i) {
      const PagedArray<Counted> copy = array;
      array.edit(8 * (i % 2));
    }
    // All of the first, and two pages of the last.
    EXPECT_EQ(Counted::alive, 40 + 2 * 4 + kWaiting);
    first.reset();
    EXPECT_EQ(Counted::alive, 40 + kWaiting);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(PagedArray, CopiesGoTheirOwnWays) {
  {
    PagedArray<Counted> array;
    for (std::uint8_t i = 0; i < 40; ++i) array.push_back(Counted(i));
    PagedArray<Counted> second = array;
    PagedArray<Counted> third = array;
    array.edit(0).rest[0] = 100;
    second.edit(0).rest[0] = 101;
    third.edit(8).rest[0] = 102;
    second.edit(1).rest[0] = 103;
    array.edit(2).rest[0] = 104;
    EXPECT_EQ(array[0].rest[0], 100);
    EXPECT_EQ(array[1].rest[0], 1);
    EXPECT_EQ(array[2].rest[0], 104);
    EXPECT_EQ(second[0].rest[0], 101);
    EXPECT_EQ(second[1].rest[0], 103);
    EXPECT_EQ(second[2].rest[0], 2);
    EXPECT_EQ(third[0].rest[0], 0);
    EXPECT_EQ(third[8].rest[0], 102);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(PagedArray, ABranchCopiesNoMoreThanIsWritten) {
  {
    PagedArray<Counted> array;
    for (std::uint8_t i = 0; i < 40; ++i) array.push_back(Counted(i));
    std::optional<PagedArray<Counted>> copy = array;
    std::optional<PagedArray<Counted>> branch = copy->branch();
    EXPECT_EQ(Counted::alive, 40);
    branch->edit(0).rest[0] = 100;
    EXPECT_EQ(Counted::alive, 44);
    const PagedArray<Counted> branch_before = *branch;
    branch->edit(0).rest[0] = 101;
    branch->edit(4).rest[0] = 102;
    EXPECT_EQ(Counted::alive, 52);
    copy.reset();
    // The branch keeps what it began with.
    array.edit(0).rest[0] = 103;
    array.edit(8).rest[0] = 104;
    EXPECT_EQ(Counted::alive, 60);
    EXPECT_EQ(branch_before[0].rest[0], 100);
    EXPECT_EQ(branch_before[4].rest[0], 4);
    EXPECT_EQ((*branch)[0].rest[0], 101);
    EXPECT_EQ((*branch)[8].rest[0], 8);
    EXPECT_EQ(array[0].rest[0], 103);
    EXPECT_EQ(array[4].rest[0], 4);
    branch.reset();
    EXPECT_EQ(Counted::alive, 52);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(PagedArray, BranchesAreWrittenInOtherThreads) {
  PagedArray<std::uint32_t> array;
  for (std::uint32_t i = 0; i < 3 * kPage; ++i) array.push_back(0);
  std::vector<std::thread> writers;
  std::atomic<int> wrong{0};
  for (std::uint32_t round = 1; round <= 20; ++round) {
    writers.emplace_back([branch = array.branch(), round, &wrong]() mutable {
      for (std::uint32_t i = 0; i < branch.size(); i += 2) branch.edit(i) = 1000 + round;
      const PagedArray<std::uint32_t> before = branch;
      for (std::uint32_t i = 0; i < branch.size(); i += 2) branch.edit(i) = 2000 + round;
      for (std::uint32_t i = 0; i < branch.size(); ++i) {
        wrong += branch[i] != (i % 2 == 0 ? 2000 + round : round - 1);
        wrong += before[i] != (i % 2 == 0 ? 1000 + round : round - 1);
      }
      branch = {};
    });
    for (std::uint32_t i = 0; i < array.size(); ++i) array.edit(i) = round;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(wrong, 0);
}

/// An array, and what has to be in it.
struct Modelled {
  PagedArray<Counted> array;
  std::vector<std::uint8_t> model;

  void check() const {
    ASSERT_EQ(array.size(), model.size());
    for (std::uint32_t i = 0; i < array.size(); ++i) ASSERT_EQ(array[i].rest[0], model[i]);
  }
};

TEST(PagedArray, IsRightAndLeaksNothingHoweverCopiesComeAndGo) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    const bool goes_back = seed % 2 == 0;
    {
      Modelled now;
      std::vector<Modelled> held;
      for (int step = 0; step < 2'000; ++step) {
        const auto number = static_cast<std::uint8_t>(random());
        const auto what = random() % 20;
        if (what < 2) {
          now.array.push_back(Counted(number));
          now.model.push_back(number);
        } else if (what < 14 && !now.model.empty()) {
          const std::size_t index = random() % now.model.size();
          now.array.edit(static_cast<std::uint32_t>(index)).rest[0] = number;
          now.model[index] = number;
        } else if (what == 14 && !now.model.empty()) {
          now.array.pop_back();
          now.model.pop_back();
        } else if (what < 17) {
          held.push_back(now);
          if (what == 16) held.back().array = now.array.branch();
        } else if (!held.empty()) {
          const auto one = held.begin() + static_cast<std::ptrdiff_t>(random() % held.size());
          one->check();
          // Now and then the writer goes back to an old copy, or on from it while others go on too.
          if (goes_back && random() % 4 == 0) std::swap(now, *one);
          if (random() % 4 != 0) held.erase(one);
        }
      }
      now.check();
      for (const Modelled& one : held) one.check();
      held.clear();
      if (now.array.size() > 0) hand_on(now.array);
      // Pages that have become empty stay. Who has gone on from a branch keeps what it began with.
      if (!goes_back) {
        EXPECT_LE(Counted::alive, static_cast<int>(now.model.size()) + 4 * 4 + kWaiting)
            << "seed " << seed;
      }
    }
    ASSERT_EQ(Counted::alive, 0) << "seed " << seed;
  }
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
