// SPDX-License-Identifier: Apache-2.0
#include "market/replica.hpp"

#include <algorithm>

namespace bourse::market {
namespace {

/// Empties the assignment: `to_provider` goes to the payout account, the rest of the price to the
/// job, `bond_back` to the provider's free bond. Returns the bond that was not given back.
Amount empty(Context& context, const AssignmentId& id, AssignmentState state, Amount to_provider,
             Amount bond_back) {
  if (is_working(context.get<Assignment>(id)->state)) stop_working(context, id, state);
  Assignment& assignment = context.edit<Assignment>(id);
  const Amount kept = assignment.bond - bond_back;
  Provider& provider = context.edit<Provider>(assignment.provider);
  // Bond that comes home to a provider that is leaving leaves with it.
  if (provider.retired && bond_back != Amount{}) {
    provider.unbonding += bond_back;
    provider.timer = context.clock() + context.params().unbond_delay;
  } else {
    provider.bond_free += bond_back;
  }
  context.edit<Job>(assignment.job).escrow += assignment.escrow - to_provider;
  const Address payout = provider.payout;
  assignment.state = state;
  assignment.escrow = {};
  assignment.bond = {};
  assignment.timer = {};
  if (to_provider != Amount{}) {
    Event paid = replica_event(context, EventKind::paid, assignment);
    paid.account = payout;
    paid.amount = to_provider;
    context.emit(paid);
    context.pay(payout, to_provider);
  }
  return kept;
}

}  // namespace

void stop_working(Context& context, const AssignmentId& id, AssignmentState state) {
  Assignment& assignment = context.edit<Assignment>(id);
  CHECK(is_working(assignment.state) && !is_working(state));
  assignment.state = state;
  assignment.timer = {};
  const Job* job = context.get<Job>(assignment.job);
  Offer& offer = context.edit<Offer>(assignment.offer);
  offer.free = add(offer.free, job->terms.bundle);
  std::erase(context.edit<Provider>(assignment.provider).assignments, id);
  --context.edit<Task>(assignment.task).live;
}

void pay_replica(Context& context, const AssignmentId& id, AssignmentState state, Amount amount) {
  const Amount bond = context.get<Assignment>(id)->bond;
  const Amount kept = empty(context, id, state, amount, bond);
  CHECK(kept == Amount{});
}

Amount slash_replica(Context& context, const AssignmentId& id, AssignmentState state,
                     std::uint32_t permille) {
  const Amount bond = context.get<Assignment>(id)->bond;
  const Amount taken = bond.scaled(permille, 1000);
  const Amount kept = empty(context, id, state, Amount{}, bond - taken);
  CHECK(kept == taken);
  if (taken != Amount{}) {
    Event slashed = replica_event(context, EventKind::slashed, *context.get<Assignment>(id));
    slashed.amount = taken;
    context.emit(slashed);
  }
  return taken;
}

Amount pay_for_elapsed(const Assignment& assignment, std::uint32_t run_seconds, TimeMs clock) {
  if (assignment.state == AssignmentState::assigned) return {};
  const std::uint64_t declared = seconds(run_seconds).value();
  const std::uint64_t run = std::min(elapsed(assignment.started, clock).value(), declared);
  const Amount by_time = assignment.price - assignment.start_fee;
  return assignment.start_fee + by_time.scaled(run, declared);
}

}  // namespace bourse::market
