// SPDX-License-Identifier: Apache-2.0
#include "market/tx/assignment_fail.hpp"

#include "market/replica.hpp"
#include "market/verdict.hpp"

namespace bourse::market {

TxResult<> check(const AssignmentFail& tx) {
  if (tx.reason == FailReason::none) return TxError::reason_is_none;
  return {};
}

TxResult<> apply(const AssignmentFail& tx, TxContext& context) {
  TRY_ASSIGN(const Assignment* found, own_assignment(context, tx.assignment));
  if (found->state != AssignmentState::assigned && found->state != AssignmentState::running) {
    return TxError::assignment_not_running;
  }
  pay_replica(context.state, tx.assignment, AssignmentState::failed, Amount{});
  Assignment& assignment = context.state.edit<Assignment>(tx.assignment);
  assignment.reason = tx.reason;
  ++context.state.edit<Provider>(assignment.provider).failed;
  context.state.emit(replica_event(context.state, EventKind::failed, assignment));
  replica_moved(context.state, assignment.task);
  return {};
}

}  // namespace bourse::market
