// SPDX-License-Identifier: Apache-2.0
#include "market/indexes.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace bourse::market {
namespace {

template <class Record>
constexpr TimerKind kTimerKind = TimerKind::provider;
template <>
constexpr TimerKind kTimerKind<Offer> = TimerKind::offer;
template <>
constexpr TimerKind kTimerKind<Task> = TimerKind::task;
template <>
constexpr TimerKind kTimerKind<Assignment> = TimerKind::assignment;

template <class Record>
std::optional<TimerEntry> timer_of(const Record& record, std::uint32_t handle) {
  if constexpr (requires { record.timer; }) {
    if (record.timer != TimeMs{}) return TimerEntry{record.timer, kTimerKind<Record>, handle};
  }
  return std::nullopt;
}

std::optional<QueueEntry> queue_entry_of(const Task& task) {
  if (task.state != TaskState::queued) return std::nullopt;
  return QueueEntry{task.arrival, task.order, task.id};
}

OfferClass class_of(const Offer& offer) { return {offer.terms.arch, *offer.terms.gpu_model}; }

bool is_open(const Offer* offer) { return offer && offer->state == OfferState::open; }

template <class Entry>
void follow(absl::btree_set<Entry>& set, const std::optional<Entry>& before,
            const std::optional<Entry>& after) {
  if (before == after) return;
  if (before) set.erase(*before);
  if (after) set.insert(*after);
}

/// The class of an offer never changes.
void follow_book(absl::btree_map<OfferClass, OfferSet>& book, const Offer* before,
                 const Offer& after, std::uint32_t handle) {
  if (is_open(before) == is_open(&after)) return;
  OfferSet& offers = book[class_of(after)];
  if (is_open(&after)) {
    offers.insert(handle);
  } else {
    offers.erase(handle);
  }
}

/// A set of these, made in one go: the order in which the records were made is none of theirs.
template <class Entry>
absl::btree_set<Entry> set_of(std::vector<Entry> entries) {
  std::ranges::sort(entries);
  return {entries.begin(), entries.end()};
}

}  // namespace

template <class Record>
void Indexes::update(const Record* before, const Record& after, std::uint32_t handle) {
  follow(timers, before ? timer_of(*before, handle) : std::nullopt, timer_of(after, handle));
  if constexpr (std::is_same_v<Record, Task>) {
    follow(queue, before ? queue_entry_of(*before) : std::nullopt, queue_entry_of(after));
  }
  if constexpr (std::is_same_v<Record, Offer>) follow_book(book, before, after, handle);
}

Indexes Indexes::of(const State& state) {
  std::vector<TimerEntry> timers;
  std::vector<QueueEntry> queue;
  Indexes out;
  const auto add_all = [&]<class Record>(const chain::Table<Record>& table) {
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      const Record& record = table.at(i);
      if (const auto timer = timer_of(record, i)) timers.push_back(*timer);
      if constexpr (std::is_same_v<Record, Task>) {
        if (const auto entry = queue_entry_of(record)) queue.push_back(*entry);
      }
      if constexpr (std::is_same_v<Record, Offer>) {
        // Handles come in their order, so each goes to the end.
        if (is_open(&record)) {
          OfferSet& offers = out.book[class_of(record)];
          offers.insert(offers.end(), i);
        }
      }
    }
  };
  std::apply([&](const auto&... tables) { (add_all(tables), ...); }, state.tables);
  out.timers = set_of(std::move(timers));
  out.queue = set_of(std::move(queue));
  return out;
}

#define BOURSE_FOLLOW(Record) \
  template void Indexes::update<Record>(const Record*, const Record&, std::uint32_t);
BOURSE_FOLLOW(Globals)
BOURSE_FOLLOW(Account)
BOURSE_FOLLOW(Provider)
BOURSE_FOLLOW(Offer)
BOURSE_FOLLOW(Job)
BOURSE_FOLLOW(Task)
BOURSE_FOLLOW(Assignment)
#undef BOURSE_FOLLOW

}  // namespace bourse::market
