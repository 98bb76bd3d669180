// SPDX-License-Identifier: Apache-2.0
#include "market/timers.hpp"

#include "market/replica.hpp"
#include "market/verdict.hpp"

namespace bourse::market {
namespace {

void fire_provider(Context& context, const ProviderId& id) {
  Provider& provider = context.edit<Provider>(id);
  const Amount amount = provider.unbonding;
  provider.unbonding = {};
  provider.timer = {};
  Event event;
  event.kind = EventKind::unbonded;
  event.provider = id;
  event.account = provider.owner;
  event.amount = amount;
  context.emit(event);
  context.pay(provider.owner, amount);
}

void fire_offer(Context& context, const OfferId& id) {
  Offer& offer = context.edit<Offer>(id);
  offer.state = OfferState::expired;
  offer.timer = {};
  --context.edit<Provider>(offer.provider).offers_open;
  Event event;
  event.kind = EventKind::offer_expired;
  event.provider = offer.provider;
  context.emit(event);
}

void fire_task(Context& context, const TaskId& id) {
  if (context.get<Task>(id)->state == TaskState::review) {
    accept_result(context, id);
  } else {
    end_search(context, id);
  }
}

/// Lateness before a commitment costs a part of the bond. After it the whole: a provider that could
/// keep silent about a result that it fears is wrong would have a free second thought.
void fire_assignment(Context& context, const AssignmentId& id) {
  const Assignment assignment = *context.get<Assignment>(id);
  const bool silent = assignment.state == AssignmentState::committed;
  context.emit(replica_event(context, silent ? EventKind::silent : EventKind::late, assignment));
  context.burn(slash_replica(context, id, silent ? AssignmentState::silent : AssignmentState::late,
                             silent ? 1000 : context.params().late_permille));
  Provider& provider = context.edit<Provider>(assignment.provider);
  ++(silent ? provider.lied : provider.late);
  replica_moved(context, assignment.task);
}

void fire(Context& context, const TimerEntry& entry) {
  switch (entry.kind()) {
    case TimerKind::provider:
      fire_provider(context, ProviderId(context.at<Provider>(entry.handle()).id));
      break;
    case TimerKind::offer:
      fire_offer(context, OfferId(context.at<Offer>(entry.handle()).id));
      break;
    case TimerKind::task:
      fire_task(context, TaskId(context.at<Task>(entry.handle()).id));
      break;
    case TimerKind::assignment:
      fire_assignment(context, AssignmentId(context.at<Assignment>(entry.handle()).id));
      break;
  }
  context.accept();
}

}  // namespace

void adjust_clock(Context& context, TimeMs previous_clock) {
  if (context.indexes().timers.empty()) return;
  const TimeMs due = context.indexes().timers.begin()->due();
  if (elapsed(due, context.clock()) <= context.params().stall) return;
  const DurationMs grace = context.params().grace;
  const TimeMs target = due.value() > grace.value() ? due - grace : TimeMs{};
  const TimeMs block_time = context.block_time();
  Globals& globals = context.edit<Globals>(Globals::key());
  globals.outage = elapsed(target, block_time);
  globals.clock_floor = previous_clock;
  context.accept();
}

void fire_timers(Context& context) {
  for (std::uint32_t fired = 0; fired < context.params().timer_fires_max; ++fired) {
    const auto& timers = context.indexes().timers;
    if (timers.empty() || timers.begin()->due() > context.clock()) return;
    fire(context, TimerEntry(*timers.begin()));
  }
}

std::optional<TimeMs> next_timer(const State& state, const Indexes& indexes) {
  if (indexes.timers.empty()) return std::nullopt;
  const TimeMs due = indexes.timers.begin()->due();
  if (due <= state.clock()) return TimeMs{};
  return due + state.globals().outage;
}

}  // namespace bourse::market
