// SPDX-License-Identifier: Apache-2.0
//
// Threads for work that would hold up the threads of the connections, and a bound on how much of it
// waits. Private to the server.
#pragma once

#include "rpc/net.hpp"

#include <boost/asio/thread_pool.hpp>
#include <functional>

#include "rpc/turnstile.hpp"

namespace bourse::rpc {

class WorkPool {
 public:
  /// `weight_max`: what the work inside may weigh together, waiting or running.
  WorkPool(unsigned threads, std::size_t weight_max)
      : places_(weight_max, weight_max), threads_(threads) {}
  /// Waits for what runs and drops what waits. The executors of its callers outlive it.
  ~WorkPool() {
    threads_.stop();
    threads_.join();
  }

  /// Executes `work` on one of the threads and comes back to the caller's; false, at once and with
  /// nothing done, when there is no place. What `work` throws comes out here.
  asio::awaitable<bool> run(std::size_t weight, const std::function<void()>& work);

 private:
  Turnstile places_;
  asio::thread_pool threads_;
};

}  // namespace bourse::rpc
