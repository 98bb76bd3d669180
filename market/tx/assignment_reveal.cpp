// SPDX-License-Identifier: Apache-2.0
#include "market/tx/assignment_reveal.hpp"

#include "market/replica.hpp"
#include "market/result.hpp"
#include "market/verdict.hpp"

namespace bourse::market {

TxResult<> check(const AssignmentReveal&) { return {}; }

TxResult<> apply(const AssignmentReveal& tx, TxContext& context) {
  TRY_ASSIGN(const Assignment* found, own_assignment(context, tx.assignment));
  const Task& task = *context.state.get<Task>(found->task);
  if (found->state != AssignmentState::committed || task.state != TaskState::revealing) {
    return TxError::reveal_not_open;
  }
  if (commitment(found->id, found->provider, tx.digest, tx.salt) != found->commitment) {
    return TxError::commitment_mismatch;
  }
  if (!is_signed_by_validator(tx.receipt, context.state.globals())) return TxError::receipt_invalid;
  const JobTerms& terms = context.state.get<Job>(found->job)->terms;
  if (tx.receipt.kept_until < context.state.block_time() + terms.review) {
    return TxError::receipt_too_short;
  }
  stop_working(context.state, tx.assignment, AssignmentState::revealed);
  Assignment& assignment = context.state.edit<Assignment>(tx.assignment);
  assignment.digest = tx.digest;
  assignment.result = tx.receipt.blob;
  assignment.result_bytes = tx.receipt.size;
  Event event = replica_event(context.state, EventKind::revealed, assignment);
  event.digest = tx.digest;
  context.state.emit(event);
  replica_moved(context.state, assignment.task);
  return {};
}

}  // namespace bourse::market
