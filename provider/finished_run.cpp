// SPDX-License-Identifier: Apache-2.0
#include "provider/finished_run.hpp"

#include "base/codec.hpp"
#include "base/files.hpp"

namespace bourse::provider {
namespace {

constexpr std::size_t kRecordBytesMax = std::size_t{80} << 20;

}  // namespace

Result<FinishedRuns> FinishedRuns::open(std::filesystem::path directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return Error{"file_error", "cannot create " + directory.string()};
  return FinishedRuns(std::move(directory));
}

std::filesystem::path FinishedRuns::path(const AssignmentId& assignment) const {
  return directory_ / to_hex(assignment.bytes);
}

Result<void> FinishedRuns::save(const AssignmentId& assignment, const FinishedRun& run) const {
  return write_file_atomic(path(assignment), encode(run), kPrivateMode);
}

Result<FinishedRun> FinishedRuns::load(const AssignmentId& assignment) const {
  const auto bytes = read_file(path(assignment), kRecordBytesMax);
  if (!bytes) {
    if (bytes.error().kind != "file_not_found") return bytes.error();
    return Error{"run_not_finished", "this assignment has not been run to its end"};
  }
  auto run = decode<FinishedRun>(*bytes);
  if (!run) return Error{"run_corrupt", path(assignment).string() + " is damaged"};
  return std::move(*run);
}

void FinishedRuns::forget(const AssignmentId& assignment) const {
  std::error_code ignored;
  std::filesystem::remove(path(assignment), ignored);
}

std::vector<AssignmentId> FinishedRuns::list() const {
  std::vector<AssignmentId> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    const auto bytes = from_hex(entry.path().filename().string());
    if (!bytes) continue;
    if (const auto id = AssignmentId::from(*bytes)) out.push_back(*id);
  }
  return out;
}

}  // namespace bourse::provider
