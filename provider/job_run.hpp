// SPDX-License-Identifier: Apache-2.0
//
// From an assignment to a result: fetch the spec and the inputs by hash, run the command in the
// sandbox, and pack what it left.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "market/record/job.hpp"
#include "market/record/task.hpp"
#include "market/result.hpp"
#include "provider/sandbox.hpp"

namespace bourse::provider {

/// Fetches a blob of the job by its hash, of at most so many bytes.
using FetchBlob = std::function<Result<Bytes>(const Hash& hash, std::uint64_t max_bytes)>;

struct JobRun {
  AssignmentId assignment;
  market::JobTerms terms;
  std::uint32_t task_index = 0;
  std::filesystem::path rootfs;
  /// A directory of this run alone; it is emptied first and removed afterwards.
  std::filesystem::path directory;
};

/// Error kinds: those of fetch; spec_invalid; input_mismatch when a blob is not of the size that
/// the spec says; sandbox_failed; run_cancelled.
Result<market::ResultBundle> run_job(const JobRun& run, const Sandbox& sandbox,
                                     const FetchBlob& fetch, std::stop_token cancel);

}  // namespace bourse::provider
