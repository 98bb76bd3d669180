// SPDX-License-Identifier: Apache-2.0
#include "market/tx/result_dispute.hpp"

#include "market/verdict.hpp"

namespace bourse::market {

TxResult<> check(const ResultDispute&) { return {}; }

TxResult<> apply(const ResultDispute& tx, TxContext& context) {
  TRY_ASSIGN(const Task* found, own_task(context, tx.job, tx.task));
  if (found->state != TaskState::review) return TxError::task_not_in_review;
  const TaskId id = found->id;
  const JobTerms& terms = context.state.get<Job>(tx.job)->terms;
  const Amount bond = price_of_result(context.state, id);
  const DurationMs match_within = terms.match_within;
  TRY(context.state.charge(context.sender, bond));
  Task& task = context.state.edit<Task>(id);
  task.disputed = true;
  task.dispute_bond = bond;
  task.timer = {};
  // The search for the second opinion gets its own time.
  task.draws_end = context.state.clock() + match_within;
  Event event = job_event(EventKind::disputed, tx.job);
  event.task = tx.task;
  event.amount = bond;
  context.state.emit(event);
  decide(context.state, id);
  return {};
}

}  // namespace bourse::market
