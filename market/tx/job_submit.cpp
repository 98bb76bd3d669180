// SPDX-License-Identifier: Apache-2.0
#include "market/tx/job_submit.hpp"

#include <algorithm>

namespace bourse::market {
namespace {

constexpr std::size_t kListMax = 64;

template <class List>
bool has_duplicates(List list) {
  std::sort(list.begin(), list.end());
  return std::adjacent_find(list.begin(), list.end()) != list.end();
}

}  // namespace

TxResult<> check(const JobSubmit& tx) {
  const JobTerms& terms = tx.terms;
  TRY(check_text(terms.gpu_model));
  for (const std::string& region : terms.regions) TRY(check_text(region));
  if (terms.regions.size() > kListMax || terms.allowed.size() > kListMax ||
      terms.excluded.size() > kListMax) {
    return TxError::list_too_long;
  }
  if (terms.spec.is_zero()) return TxError::key_is_zero;
  TRY(check_bundle(terms.bundle));
  TRY(check_gpu(terms.gpu_model, terms.bundle.gpus));
  if (terms.price_max > kAmountMax) return TxError::price_too_high;
  if (terms.runtime.is_zero()) return TxError::runtime_missing;
  if (terms.tasks == 0 || terms.tasks > kTasksMax) return TxError::tasks_out_of_range;
  if (terms.replicas_max == 0 || terms.replicas_max > kReplicasMax || terms.margin == 0 ||
      terms.margin > terms.replicas_max) {
    return TxError::replicas_out_of_range;
  }
  if (terms.run_seconds == 0 || terms.run_seconds > kRunSecondsMax ||
      terms.match_within == DurationMs{}) {
    return TxError::duration_out_of_range;
  }
  if (has_duplicates(terms.regions) || has_duplicates(terms.allowed) ||
      has_duplicates(terms.excluded)) {
    return TxError::list_has_duplicates;
  }
  return {};
}

TxResult<> apply(const JobSubmit& tx, TxContext& context) {
  const JobTerms& terms = tx.terms;
  const Params& params = context.state.params();
  if (terms.review > params.review_max || terms.match_within > params.match_within_max) {
    return TxError::duration_too_long;
  }
  const auto escrow = checked_mul(terms.price_max, std::uint64_t{terms.tasks} * terms.replicas_max);
  if (!escrow || *escrow > kAmountMax) return TxError::escrow_too_high;
  TRY(context.state.charge(context.sender, *escrow));
  Job job;
  job.id = context.new_id<JobId>();
  job.owner = context.sender;
  job.terms = terms;
  job.escrow = *escrow;
  job.arrival = context.state.height();
  job.submitted = context.state.clock();
  job.tasks_open = terms.tasks;
  Event event = job_event(EventKind::job_submitted, job.id);
  event.account = job.owner;
  event.amount = job.escrow;
  context.state.emit(event);
  for (std::uint32_t i = 0; i < terms.tasks; ++i) {
    Task task;
    task.id = task_id(job.id, i);
    task.job = job.id;
    task.index = i;
    task.wanted = terms.margin;
    task.arrival = job.arrival;
    task.draws_end = task.timer = job.submitted + terms.match_within;
    context.state.insert(task);
  }
  context.state.insert(std::move(job));
  return {};
}

}  // namespace bourse::market
