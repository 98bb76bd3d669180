// SPDX-License-Identifier: Apache-2.0
#include "market/indexes.hpp"

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

QueueEntry queue_entry(const Task& task) { return {task.arrival, task.order, task.id}; }

OfferClass offer_class(const Offer& offer) { return {offer.terms.arch, offer.terms.gpu_model}; }

}  // namespace

template <class Record>
void Indexes::add(const Record& record) {
  if constexpr (requires { record.timer; }) {
    if (record.timer != TimeMs{}) {
      timers.insert({record.timer, kTimerKind<Record>, record.id.bytes});
    }
  }
  if constexpr (std::is_same_v<Record, Task>) {
    if (record.state == TaskState::queued) queue.insert(queue_entry(record));
  }
  if constexpr (std::is_same_v<Record, Offer>) {
    if (record.state == OfferState::open) book[offer_class(record)].insert(record.id);
  }
}

template <class Record>
void Indexes::remove(const Record& record) {
  if constexpr (requires { record.timer; }) {
    if (record.timer != TimeMs{}) {
      timers.erase({record.timer, kTimerKind<Record>, record.id.bytes});
    }
  }
  if constexpr (std::is_same_v<Record, Task>) {
    if (record.state == TaskState::queued) queue.erase(queue_entry(record));
  }
  if constexpr (std::is_same_v<Record, Offer>) {
    if (record.state == OfferState::open) book[offer_class(record)].erase(record.id);
  }
}

Indexes Indexes::of(const State& state) {
  Indexes out;
  const auto add_all = [&](const auto& table) {
    for (std::uint32_t i = 0; i < table.size(); ++i) out.add(table.at(i));
  };
  std::apply([&](const auto&... tables) { (add_all(tables), ...); }, state.tables);
  return out;
}

#define BOURSE_FOLLOW(Record)                        \
  template void Indexes::add<Record>(const Record&); \
  template void Indexes::remove<Record>(const Record&);
BOURSE_FOLLOW(Globals)
BOURSE_FOLLOW(Account)
BOURSE_FOLLOW(Provider)
BOURSE_FOLLOW(Offer)
BOURSE_FOLLOW(Job)
BOURSE_FOLLOW(Task)
BOURSE_FOLLOW(Assignment)
#undef BOURSE_FOLLOW

}  // namespace bourse::market
