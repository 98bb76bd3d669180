// SPDX-License-Identifier: Apache-2.0
#include "provider/job_run.hpp"

#include <sys/stat.h>

#include "base/files.hpp"
#include "market/job_spec.hpp"

namespace bourse::provider {
namespace {

namespace fs = std::filesystem;

/// A result has to fit into one blob of 64 MiB together with the captured streams.
constexpr std::uint64_t kOutputBytesMax = std::uint64_t{56} << 20;
constexpr std::uint64_t kInputBytesMax = std::uint64_t{64} << 20;
constexpr unsigned kReadableMode = 0644;
constexpr unsigned kExecutableMode = 0755;

Result<void> make_directory(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed) return Error{"file_error", "cannot create " + path.string()};
  return {};
}

/// Writes the inputs below `directory`. The job is another user, so all of it must be readable; the
/// paths were checked with the spec.
Result<void> place_inputs(const market::JobSpec& spec, const fs::path& directory,
                          const FetchBlob& fetch) {
  TRY(make_directory(directory));
  for (const market::InputFile& input : spec.inputs) {
    TRY_ASSIGN(const Bytes content, fetch(input.sha256, kInputBytesMax));
    if (content.size() != input.size) {
      return Error{"input_mismatch", input.path + " is not of the size that the spec says"};
    }
    const fs::path path = directory / input.path;
    TRY(make_directory(path.parent_path()));
    TRY(write_file_atomic(path, content, input.executable ? kExecutableMode : kReadableMode));
  }
  return {};
}

RunRequest request_of(const JobRun& run, const market::JobSpec& spec) {
  RunRequest request;
  request.rootfs = run.rootfs;
  request.inputs_dir = run.directory / "in";
  request.scratch_dir = run.directory / "scratch";
  request.command = spec.command;
  for (const market::EnvironmentVariable& variable : spec.environment) {
    request.env.emplace_back(variable.name, variable.value);
  }
  request.env.emplace_back("BOURSE_TASK", std::to_string(run.task_index));
  request.env.emplace_back("BOURSE_TASKS", std::to_string(run.terms.tasks));
  request.limits.cpu_milli = run.terms.bundle.cpu_milli;
  request.limits.memory_mib = run.terms.bundle.memory_mib;
  request.limits.disk_mib = run.terms.bundle.disk_mib;
  request.limits.run = seconds(run.terms.run_seconds);
  request.limits.output_bytes_max = kOutputBytesMax;
  request.name = to_hex(run.assignment.bytes);
  return request;
}

market::Ended ended_of(Ended ended) {
  switch (ended) {
    case Ended::exited:
      return market::Ended::exited;
    case Ended::time_limit:
      return market::Ended::time_limit;
    case Ended::memory_limit:
      return market::Ended::memory_limit;
    case Ended::disk_limit:
      return market::Ended::disk_limit;
    case Ended::process_limit:
      return market::Ended::process_limit;
    case Ended::output_refused:
      return market::Ended::output_refused;
    case Ended::cancelled:
      break;
  }
  CHECK(!"a cancelled run has no result");
  return {};
}

market::ResultBundle bundle_of(RunOutcome outcome) {
  market::ResultBundle bundle;
  bundle.ended = ended_of(outcome.ended);
  // How a run that was stopped happened to die is chance; replicas agree on the limit instead.
  bundle.exit_code = outcome.ended == Ended::exited ? outcome.exit_code : 0;
  for (OutputFile& file : outcome.files) {
    bundle.files.push_back({std::move(file.path), file.executable, std::move(file.content)});
  }
  bundle.standard_output = std::move(outcome.standard_output);
  bundle.standard_error = std::move(outcome.standard_error);
  bundle.output_truncated = outcome.standard_output_truncated;
  bundle.error_truncated = outcome.standard_error_truncated;
  return bundle;
}

/// Removes the run's directory when the run is over, however it ends.
class RemoveOnExit {
 public:
  explicit RemoveOnExit(fs::path directory) : directory_(std::move(directory)) {}
  ~RemoveOnExit() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  RemoveOnExit(const RemoveOnExit&) = delete;
  RemoveOnExit& operator=(const RemoveOnExit&) = delete;

 private:
  fs::path directory_;
};

}  // namespace

Result<market::ResultBundle> run_job(const JobRun& run, const Sandbox& sandbox,
                                     const FetchBlob& fetch, std::stop_token cancel) {
  std::error_code ignored;
  fs::remove_all(run.directory, ignored);
  const RemoveOnExit cleanup(run.directory);
  TRY_ASSIGN(const Bytes blob, fetch(run.terms.spec, market::kSpecBytesMax));
  TRY_ASSIGN(const market::JobSpec spec, market::decode_spec(blob));
  TRY(make_directory(run.directory / "scratch"));
  TRY(place_inputs(spec, run.directory / "in", fetch));
  TRY_ASSIGN(RunOutcome outcome, sandbox.run(request_of(run, spec), cancel));
  if (outcome.ended == Ended::cancelled) return Error{"run_cancelled", "the run was cancelled"};
  return bundle_of(std::move(outcome));
}

}  // namespace bourse::provider
