// SPDX-License-Identifier: Apache-2.0
//
// Goal: work runs on other threads, comes back to its own, is refused when there is no place, and
// does not outlive the pool.
// Method: coroutines on an io_context of the test, and work that waits for the test.
#include "rpc/work_pool.hpp"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <latch>
#include <stdexcept>
#include <thread>

namespace bourse::rpc {
namespace {

/// Runs the coroutine to its end on this thread.
void run_here(asio::awaitable<void> work) {
  asio::io_context context;
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown) { failure = thrown; });
  context.run();
  if (failure) std::rethrow_exception(failure);
}

TEST(WorkPool, RunsElsewhereAndComesBack) {
  WorkPool pool(2, 1);
  run_here([](WorkPool& pool) -> asio::awaitable<void> {
    const auto here = std::this_thread::get_id();
    std::thread::id there = here;
    const std::function<void()> work = [&] { there = std::this_thread::get_id(); };
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(co_await pool.run(1, work));
      EXPECT_EQ(std::this_thread::get_id(), here);
    }
    EXPECT_NE(there, here);
    EXPECT_FALSE(co_await pool.run(2, work));
  }(pool));
}

TEST(WorkPool, WhatWorkThrowsComesOut) {
  WorkPool pool(1, 1);
  EXPECT_THROW(run_here([](WorkPool& pool) -> asio::awaitable<void> {
                 const std::function<void()> work = [] { throw std::runtime_error("x"); };
                 co_await pool.run(1, work);
               }(pool)),
               std::runtime_error);
}

TEST(WorkPool, CountsWhatWaits) {
  WorkPool pool(1, 3);
  std::latch gate(1);
  asio::io_context context;
  int done = 0;
  const auto one = [&](std::size_t weight) -> asio::awaitable<void> {
    const std::function<void()> work = [&] { gate.wait(); };
    if (co_await pool.run(weight, work)) ++done;
  };
  // 2 run, 1 waits, and there is no place for the third.
  for (const std::size_t weight : {2U, 1U, 1U})
    asio::co_spawn(context, one(weight), asio::detached);
  context.poll();
  gate.count_down();
  context.run();
  EXPECT_EQ(done, 2);
}

}  // namespace
}  // namespace bourse::rpc
