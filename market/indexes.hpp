// SPDX-License-Identifier: Apache-2.0
//
// What the executor needs to find fast: due timers, waiting tasks, open offers by class. Derived
// from the records by one rule each and rebuilt from them at start, so they are never stored and
// cannot disagree.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "market/state.hpp"

namespace bourse::market {

/// Whose timer it is; the order breaks ties between timers of one instant.
enum class TimerKind : std::uint8_t { provider, offer, task, assignment };

struct TimerEntry {
  TimeMs due;
  TimerKind kind{};
  std::array<std::uint8_t, 16> id{};

  friend auto operator<=>(const TimerEntry&, const TimerEntry&) = default;
};

/// A waiting task's place in the order of matching.
struct QueueEntry {
  Height arrival;
  std::uint64_t order = 0;
  TaskId task;

  friend auto operator<=>(const QueueEntry&, const QueueEntry&) = default;
};

using OfferClass = std::pair<Arch, std::string>;

class Indexes {
 public:
  std::set<TimerEntry> timers;
  std::set<QueueEntry> queue;
  std::map<OfferClass, std::set<OfferId>> book;

  /// Follows one record from `before` (nullptr when it is new) to `after`. What is the same in both
  /// is left alone: most changes of an offer are of its prices.
  template <class Record>
  void update(const Record* before, const Record& after);

  static Indexes of(const State& state);
};

}  // namespace bourse::market
