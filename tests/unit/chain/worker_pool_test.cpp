// SPDX-License-Identifier: Apache-2.0
//
// Goal: every piece is worked on exactly once, whoever does it, and run() returns after the last.
// Method: count visits per item, for sizes around the grain and for several callers at once.
#include "chain/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace bourse::chain {
namespace {

std::vector<int> visits(WorkerPool& pool, std::size_t count, std::size_t grain) {
  std::vector<std::atomic<int>> seen(count);
  pool.run(count, grain, [&](std::size_t begin, std::size_t end) {
    EXPECT_LT(begin, end);
    EXPECT_LE(end - begin, std::max(count, grain));
    for (std::size_t i = begin; i < end; ++i) ++seen[i];
  });
  return {seen.begin(), seen.end()};
}

TEST(WorkerPool, VisitsEveryItemOnce) {
  for (const unsigned threads : {1u, 2u, 5u}) {
    WorkerPool pool(threads);
    for (const std::size_t count : {0u, 1u, 7u, 8u, 9u, 1000u}) {
      EXPECT_EQ(visits(pool, count, 8), std::vector<int>(count, 1)) << threads << " " << count;
    }
  }
}

TEST(WorkerPool, HelpersHelp) {
  WorkerPool pool(2);
  // Each of two pieces waits for the other, which one thread alone could not end.
  std::atomic<int> here{0};
  pool.run(2, 1, [&](std::size_t, std::size_t) {
    ++here;
    here.notify_all();
    while (here < 2) here.wait(1);
  });
  EXPECT_EQ(here, 2);
}

TEST(WorkerPool, WithAsManyCallersAsThreadsEachWorksForItself) {
  WorkerPool pool(2);
  std::atomic<bool> begun{false};
  std::atomic<bool> over{false};
  std::thread other([&] {
    pool.run(1, 1, [&](std::size_t, std::size_t) {
      begun = true;
      begun.notify_all();
      over.wait(false);
    });
  });
  begun.wait(false);
  std::vector<std::pair<std::size_t, std::size_t>> pieces;
  pool.run(10, 1, [&](std::size_t begin, std::size_t end) { pieces.emplace_back(begin, end); });
  over = true;
  over.notify_all();
  other.join();
  EXPECT_EQ(pieces, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 10}}));
}

TEST(WorkerPool, CallersShareTheHelpers) {
  WorkerPool pool(2);
  std::vector<std::thread> callers;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        right += visits(pool, 33, 4) == std::vector<int>(33, 1);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 800);
}

}  // namespace
}  // namespace bourse::chain
