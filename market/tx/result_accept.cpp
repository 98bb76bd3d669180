// SPDX-License-Identifier: Apache-2.0
#include "market/tx/result_accept.hpp"

#include "market/verdict.hpp"

namespace bourse::market {

TxResult<> check(const ResultAccept&) { return {}; }

TxResult<> apply(const ResultAccept& tx, TxContext& context) {
  TRY_ASSIGN(const Task* task, own_task(context, tx.job, tx.task));
  if (task->state != TaskState::review) return TxError::task_not_in_review;
  accept_result(context.state, task_id(tx.job, tx.task));
  return {};
}

}  // namespace bourse::market
