// SPDX-License-Identifier: Apache-2.0
//
// Keeps a window of requests in flight on each of some connections, from one thread over epoll.
#pragma once

#include <cstddef>

#include "bench/clock.hpp"
#include "bench/load/workload.hpp"

namespace bourse::bench {

struct PumpOptions {
  std::uint16_t port = 0;
  std::size_t connections = 8;
  /// Requests in flight per connection; above 1 they are pipelined.
  std::size_t window = 1;
};

/// Runs until the workload has finished or `end` has come, and every answer is there. Error kinds:
/// connect_failed, connection_lost, not_http, and those of the workload.
Result<void> pump(const PumpOptions& options, Workload& workload, Clock::time_point end);

}  // namespace bourse::bench
