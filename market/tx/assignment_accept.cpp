// SPDX-License-Identifier: Apache-2.0
#include "market/tx/assignment_accept.hpp"

namespace bourse::market {

TxResult<> check(const AssignmentAccept&) { return {}; }

TxResult<> apply(const AssignmentAccept& tx, TxContext& context) {
  TRY_ASSIGN(const Assignment* found, own_assignment(context, tx.assignment));
  if (found->state != AssignmentState::assigned) return TxError::assignment_not_waiting;
  const std::uint32_t run_seconds = context.state.get<Job>(found->job)->terms.run_seconds;
  Assignment& assignment = context.state.edit<Assignment>(tx.assignment);
  assignment.state = AssignmentState::running;
  assignment.started = context.state.clock();
  assignment.timer = assignment.started + seconds(run_seconds) + context.state.params().transfer;
  context.state.emit(replica_event(context.state, EventKind::running, assignment));
  return {};
}

}  // namespace bourse::market
