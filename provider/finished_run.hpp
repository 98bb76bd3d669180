// SPDX-License-Identifier: Apache-2.0
//
// What a run produced, on disk before the chain hears of it. A run whose record exists has finished
// for good and is never repeated; one without a record starts again. So nothing is committed that
// could be lost, and nothing is committed twice with different salts.
#pragma once

#include <filesystem>
#include <vector>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace bourse::provider {

struct FinishedRun {
  Hash salt;
  /// The result blob: canonical bytes of a market::ResultBundle.
  Bytes bundle;

  static constexpr auto fields() {
    return std::tuple{field("salt", &FinishedRun::salt, "What the commitment is made with."),
                      field("bundle", &FinishedRun::bundle, "The result blob.")};
  }
};

/// The records of one agent, a file per assignment.
class FinishedRuns {
 public:
  static Result<FinishedRuns> open(std::filesystem::path directory);

  /// The record is durable when this returns.
  Result<void> save(const AssignmentId& assignment, const FinishedRun& run) const;
  /// Error kinds: run_not_finished, run_corrupt.
  Result<FinishedRun> load(const AssignmentId& assignment) const;
  void forget(const AssignmentId& assignment) const;
  std::vector<AssignmentId> list() const;

 private:
  explicit FinishedRuns(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path path(const AssignmentId& assignment) const;
  std::filesystem::path directory_;
};

}  // namespace bourse::provider
