// SPDX-License-Identifier: Apache-2.0
//
// Goal: every piece is worked on exactly once, whoever does it, and run() returns after the last.
// Method: count visits per item, for sizes around the grain and for several callers at once.
#include "chain/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

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

TEST(WorkerPool, PiecesBecomeSmallerTowardsTheEnd) {
  WorkerPool pool(2);
  std::mutex mutex;
  std::map<std::size_t, std::size_t> sizes;  // by where they begin
  pool.run(1000, 64, [&](std::size_t begin, std::size_t end) {
    const std::lock_guard lock(mutex);
    sizes[begin] = end - begin;
  });
  EXPECT_EQ(sizes.begin()->second, 64u);
  EXPECT_LE(sizes.rbegin()->second, 8u);
  std::size_t previous = 64;
  for (const auto& [begin, size] : sizes) EXPECT_LE(size, std::exchange(previous, size)) << begin;
}

/// A caller who keeps a thread of the pool until the end of its life.
class BusyCaller {
 public:
  BusyCaller(WorkerPool& pool, std::size_t pieces)
      : thread_([this, &pool, pieces] {
          pool.run(pieces, 1, [this](std::size_t, std::size_t) {
            ++begun_;
            begun_.notify_all();
            over_.wait(false);
          });
        }) {
    for (std::size_t seen = begun_; seen < pieces; seen = begun_) begun_.wait(seen);
  }
  ~BusyCaller() {
    end();
    thread_.join();
  }
  void end() {
    over_ = true;
    over_.notify_all();
  }

 private:
  std::atomic<std::size_t> begun_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

TEST(WorkerPool, WithAsManyCallersAsThreadsEachWorksForItself) {
  WorkerPool pool(2);
  const BusyCaller other(pool, 1);
  std::set<std::thread::id> workers;
  pool.run(10, 1, [&](std::size_t, std::size_t) { workers.insert(std::this_thread::get_id()); });
  EXPECT_EQ(workers, std::set{std::this_thread::get_id()});
}

TEST(WorkerPool, AHelperWhoBecomesFreeHelps) {
  WorkerPool pool(2);
  BusyCaller other(pool, 2);
  // Each of two pieces waits for the other.
  std::atomic<int> here{0};
  pool.run(2, 1, [&](std::size_t, std::size_t) {
    if (++here == 1) other.end();
    here.notify_all();
    while (here < 2) here.wait(1);
  });
  EXPECT_EQ(here, 2);
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
