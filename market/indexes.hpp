// SPDX-License-Identifier: Apache-2.0
//
// What the executor needs to find fast: due timers, waiting tasks, open offers by class. Derived
// from the records by one rule each and rebuilt from them at start, so they are never stored and
// cannot disagree.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <array>
#include <string>
#include <utility>

#include "market/state.hpp"

namespace bourse::market {

/// Whose timer it is; the order breaks ties between timers of one instant.
enum class TimerKind : std::uint8_t { provider, offer, task, assignment };

/// Among timers of one instant and kind that of the older record comes first.
class TimerEntry {
 public:
  TimerEntry() = default;
  TimerEntry(TimeMs due, TimerKind kind, std::uint32_t handle)
      : words_{static_cast<std::uint32_t>(due.value() >> 32),
               static_cast<std::uint32_t>(due.value()),
               static_cast<std::uint32_t>(kind) << kHandleBits | handle} {
    CHECK(handle < 1U << kHandleBits);
  }

  TimeMs due() const { return TimeMs(std::uint64_t{words_[0]} << 32 | words_[1]); }
  TimerKind kind() const { return static_cast<TimerKind>(words_[2] >> kHandleBits); }
  std::uint32_t handle() const { return words_[2] & ((1U << kHandleBits) - 1); }

  friend auto operator<=>(const TimerEntry&, const TimerEntry&) = default;

 private:
  static constexpr unsigned kHandleBits = chain::kHandleBits;
  /// Twelve bytes, where plain members would take sixteen.
  std::array<std::uint32_t, 3> words_{};
};

/// A waiting task's place in the order of matching.
struct QueueEntry {
  Height arrival;
  std::uint64_t order = 0;
  TaskId task;

  friend auto operator<=>(const QueueEntry&, const QueueEntry&) = default;
};

using OfferClass = std::pair<Arch, std::string>;
/// Handles of open offers.
using OfferSet = absl::btree_set<std::uint32_t>;

/// B-trees, because there are millions of entries: they take a third of the memory of binary ones
/// and most of a search stays in one place.
class Indexes {
 public:
  absl::btree_set<TimerEntry> timers;
  absl::btree_set<QueueEntry> queue;
  absl::btree_map<OfferClass, OfferSet> book;

  /// Follows the record at `handle` from `before` (nullptr when it is new) to `after`. What is the
  /// same in both is left alone.
  template <class Record>
  void update(const Record* before, const Record& after, std::uint32_t handle);

  static Indexes of(const State& state);
};

}  // namespace bourse::market
