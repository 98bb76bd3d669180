// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  JobId job;
  std::optional<bool> proof;

  static constexpr auto fields() {
    return std::tuple{field("job", &Params::job, "The job."),
                      field("proof", &Params::proof, kProofParam)};
  }
};

struct Count {
  market::TaskState state{};
  std::uint32_t count = 0;

  static constexpr auto fields() {
    return std::tuple{field("state", &Count::state, "State of a task."),
                      field("count", &Count::count, "How many tasks are in it.")};
  }
};

struct Reply {
  market::Job job;
  std::vector<Count> tasks;
  TimeMs clock;
  std::optional<market::ProvedRecord> proof;

  static constexpr auto fields() {
    return std::tuple{field("job", &Reply::job, "The job."),
                      field("tasks", &Reply::tasks, "How many tasks are in which state."),
                      field("clock", &Reply::clock, "The running clock that deadlines are on."),
                      field("proof", &Reply::proof, kProofReply)};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  const market::Job* job = state->get<market::Job>(params.job);
  if (!job) return market::to_error(market::TxError::job_not_found);
  Reply reply;
  reply.job = *job;
  std::map<market::TaskState, std::uint32_t> counts;
  for (std::uint32_t i = 0; i < job->terms.tasks; ++i) {
    ++counts[state->get<market::Task>(market::task_id(params.job, i))->state];
  }
  for (const auto& [task_state, count] : counts) reply.tasks.push_back({task_state, count});
  reply.clock = state->clock();
  reply.proof = proof_if<market::Job>(params.proof, backend, params.job);
  return reply;
}

}  // namespace

Method job_get() {
  return method<Params, Reply>("job_get", "A job and how many of its tasks are in each state.",
                               call);
}

}  // namespace bourse::rpc
