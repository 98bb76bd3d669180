// SPDX-License-Identifier: Apache-2.0
#include "market/tx/assignment_commit.hpp"

#include "market/verdict.hpp"

namespace bourse::market {

TxResult<> check(const AssignmentCommit& tx) {
  if (tx.commitment.is_zero()) return TxError::key_is_zero;
  return {};
}

TxResult<> apply(const AssignmentCommit& tx, TxContext& context) {
  TRY_ASSIGN(const Assignment* found, own_assignment(context, tx.assignment));
  if (found->state != AssignmentState::running) return TxError::assignment_not_running;
  const std::uint32_t run_seconds = context.state.get<Job>(found->job)->terms.run_seconds;
  const Params& params = context.state.params();
  Assignment& assignment = context.state.edit<Assignment>(tx.assignment);
  assignment.state = AssignmentState::committed;
  assignment.commitment = tx.commitment;
  // The others of its round were matched at the same instant, so by then they have committed or are
  // late; either way the reveals open and this deadline is set anew.
  assignment.timer = assignment.matched + params.accept_within + seconds(run_seconds) +
                     params.transfer + params.reveal_within;
  context.state.emit(replica_event(context.state, EventKind::committed, assignment));
  replica_moved(context.state, assignment.task);
  return {};
}

}  // namespace bourse::market
