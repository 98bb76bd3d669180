// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  JobId job;
  std::uint32_t task = 0;
  std::optional<bool> proof;

  static constexpr auto fields() {
    return std::tuple{field("job", &Params::job, "The job."),
                      field("task", &Params::task, "Index of the task."),
                      field("proof", &Params::proof, kProofParam)};
  }
};

struct Reply {
  market::Task task;
  std::vector<market::Assignment> assignments;
  TimeMs clock;
  std::optional<market::ProvedRecord> proof;

  static constexpr auto fields() {
    return std::tuple{field("task", &Reply::task, "The task."),
                      field("assignments", &Reply::assignments, "Oldest first."),
                      field("clock", &Reply::clock, "The running clock that deadlines are on."),
                      field("proof", &Reply::proof, kProofReply)};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  if (!state->get<market::Job>(params.job)) {
    return market::to_error(market::TxError::job_not_found);
  }
  const market::Task* task = state->get<market::Task>(market::task_id(params.job, params.task));
  if (!task) return market::to_error(market::TxError::task_not_found);
  Reply reply;
  reply.task = *task;
  for (std::uint32_t i = 0; i < task->attempts; ++i) {
    reply.assignments.push_back(
        *state->get<market::Assignment>(market::assignment_id(task->id, i)));
  }
  reply.clock = state->clock();
  reply.proof = proof_if<market::Task>(params.proof, backend, task->id);
  return reply;
}

}  // namespace

Method job_get_task() {
  return method<Params, Reply>(
      "job_getTask", "A task of a job with all assignments that were ever drawn for it.", call);
}

}  // namespace bourse::rpc
