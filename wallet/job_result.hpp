// SPDX-License-Identifier: Apache-2.0
//
// Fetching what a task produced. The blob is believed only when its digest is the one that the
// chain holds, whichever node it came from.
#pragma once

#include <vector>

#include "market/record/assignment.hpp"
#include "market/record/task.hpp"
#include "market/result.hpp"
#include "wallet/node_link.hpp"

namespace bourse::wallet {

struct TaskView {
  market::Task task;
  std::vector<market::Assignment> assignments;
};

Result<TaskView> get_task(NodeLink& link, const JobId& job, std::uint32_t index);

/// The leading or accepted result, from whichever of its replicas can be fetched. Error kinds:
/// result_not_found when there is none yet, result_digest_mismatch, result_malformed, those of
/// get_blob().
Result<market::ResultBundle> fetch_result(NodeLink& link, const SecretKey& key,
                                          const TaskView& view);

/// Whether that error of fetch_result() is the provider's fault and not a passing trouble.
bool shows_bad_result(std::string_view error_kind);

}  // namespace bourse::wallet
