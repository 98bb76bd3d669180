// SPDX-License-Identifier: Apache-2.0
#include "wallet/job_result.hpp"

namespace bourse::wallet {
namespace {

Result<market::ResultBundle> fetch_from(NodeLink& link, const SecretKey& key,
                                        const market::Assignment& assignment) {
  TRY_ASSIGN(const Bytes blob,
             link.get_blob(key, assignment.result, assignment.job, assignment.result_bytes));
  TRY_ASSIGN(market::ResultBundle bundle, market::decode_bundle(blob));
  if (market::result_digest(bundle) != assignment.digest) {
    return Error{"result_digest_mismatch", "the stored result is not the one that was revealed"};
  }
  return bundle;
}

}  // namespace

Result<TaskView> get_task(NodeLink& link, const JobId& job, std::uint32_t index) {
  const JsonStyle style = link.style();
  const Json params{{"job", to_json(job, style)}, {"task", index}};
  TRY_ASSIGN(const Json reply, link.client().call("job_getTask", params));
  TaskView view;
  TRY_ASSIGN(view.task, member<market::Task>(reply, "task", style));
  TRY_ASSIGN(view.assignments,
             member<std::vector<market::Assignment>>(reply, "assignments", style));
  return view;
}

Result<market::ResultBundle> fetch_result(NodeLink& link, const SecretKey& key,
                                          const TaskView& view) {
  Error why{"result_not_found", "task " + std::to_string(view.task.index) + " has no result yet"};
  if (view.task.digest.is_zero()) return why;
  for (const market::Assignment& assignment : view.assignments) {
    if (assignment.digest != view.task.digest) continue;
    auto bundle = fetch_from(link, key, assignment);
    if (bundle) return bundle;
    why = bundle.error();
  }
  return why;
}

bool shows_bad_result(std::string_view error_kind) {
  for (const std::string_view kind :
       {"result_digest_mismatch", "result_malformed", "blob_not_found", "answer_too_large"}) {
    if (kind == error_kind) return true;
  }
  return false;
}

}  // namespace bourse::wallet
