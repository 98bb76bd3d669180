// SPDX-License-Identifier: Apache-2.0
//
// Work of equal parts on all cores, for what is prepared before a clock starts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

namespace bourse::bench {

inline unsigned cores() { return std::max(1u, std::thread::hardware_concurrency()); }

/// Calls part(first, last) for one range of [0, count) per core, all at the same time.
template <class Part>
void in_parallel(std::size_t count, const Part& part) {
  std::vector<std::jthread> threads;
  const std::size_t share = (count + cores() - 1) / cores();
  for (std::size_t first = 0; first < count; first += share) {
    threads.emplace_back(
        [&part, first, last = std::min(count, first + share)] { part(first, last); });
  }
}

}  // namespace bourse::bench
