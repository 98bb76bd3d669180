// SPDX-License-Identifier: Apache-2.0
#include "market/tx/job_cancel.hpp"

#include "market/verdict.hpp"

namespace bourse::market {

TxResult<> check(const JobCancel&) { return {}; }

TxResult<> apply(const JobCancel& tx, TxContext& context) {
  TRY_ASSIGN(const Job* job, own_open_job(context, tx.job));
  std::vector<TaskId> cancellable;
  for (std::uint32_t i = 0; i < job->terms.tasks; ++i) {
    const Task& task = *context.state.get<Task>(task_id(tx.job, i));
    if (is_cancellable(context.state, task)) cancellable.push_back(task.id);
  }
  if (cancellable.empty()) return TxError::nothing_to_cancel;
  for (const TaskId& task : cancellable) cancel_task(context.state, task);
  return {};
}

}  // namespace bourse::market
