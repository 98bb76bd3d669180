// SPDX-License-Identifier: Apache-2.0
//
// Runs one job in bubblewrap: own user, process, network, IPC, host name and control group
// namespaces, no network but its own loopback, a read-only root that is the runtime, read-only
// inputs, a sized /out and /tmp, a system call filter, and limits on time, memory, processes and
// output. Nothing runs without all of that: detect() refuses instead. A shared kernel is never full
// isolation; what this machine lacks is told by the doctor.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/quantity.hpp"
#include "base/result.hpp"
#include "provider/cgroup.hpp"
#include "provider/outputs.hpp"

namespace bourse::provider {

struct Limits {
  std::uint64_t cpu_milli = 1000;
  std::uint64_t memory_mib = 512;
  std::uint64_t disk_mib = 256;
  /// Wall clock from the start of the job.
  DurationMs run = seconds(60);
  std::uint32_t processes_max = 256;
  /// Kept of standard output and of standard error each; what is above is dropped.
  std::uint64_t stream_bytes_max = std::uint64_t{1} << 20;
  std::uint64_t output_bytes_max = std::uint64_t{64} << 20;
  std::uint32_t output_files_max = 1000;
};

struct RunRequest {
  /// A runtime: it has the directories /in, /out, /tmp, /proc and /dev.
  std::filesystem::path rootfs;
  /// Seen at /in. The job is another user, so everyone must be able to read what is inside.
  std::filesystem::path inputs_dir;
  /// An existing directory of this run alone; the disk image of /out is in it during the run.
  std::filesystem::path scratch_dir;
  std::vector<std::string> command;
  /// Added to PATH, LC_ALL and HOME, which they replace.
  std::vector<std::pair<std::string, std::string>> env;
  Limits limits;
  /// Unique among the live runs of this agent; letters, digits and dashes.
  std::string name;
};

/// How a run ended. A limit is the reason when the run was stopped for it, or when the job failed
/// by itself (exit code not 0) after it had met it. A job that copes with a full disk or a refused
/// fork and exits with 0 has `exited`.
enum class Ended : std::uint8_t {
  exited,
  time_limit,
  /// The kernel killed a process of the job for memory; the others were killed as well.
  memory_limit,
  /// /out was full when the job failed.
  disk_limit,
  /// Forks had been refused when the job failed.
  process_limit,
  /// The job left what is no result: links, fifos, too much, or names nobody could store.
  output_refused,
  cancelled,
};
constexpr std::array<std::string_view, 7> enum_names(Ended) {
  return {"exited",        "time_limit",     "memory_limit", "disk_limit",
          "process_limit", "output_refused", "cancelled"};
}

struct RunOutcome {
  Ended ended = Ended::exited;
  /// Of the job: 0..255, and 128 + the signal that ended it. 126 or 127: it could not be started.
  std::int32_t exit_code = 0;
  /// Sorted by path; only of a run that `exited`.
  std::vector<OutputFile> files;
  Bytes standard_output;
  Bytes standard_error;
  bool standard_output_truncated = false;
  bool standard_error_truncated = false;
  /// A sentence with the path or limit, when the run did not just exit.
  std::string detail;
  DurationMs elapsed;
};

struct SandboxOptions {
  /// Tells the control groups of this agent from those of another one on the same machine; letters
  /// and digits.
  std::string instance;
  /// For short-lived files of detect().
  std::filesystem::path work_dir;
  std::filesystem::path bwrap = "/usr/bin/bwrap";
  /// Off: as on a machine that has no writable control groups.
  bool cgroups = true;
  /// Off: as on a machine without loop devices, with /out in memory.
  bool disk_images = true;
};

/// Thread safe. The death of the agent ends every run: bubblewrap dies with the *thread* that
/// called run(), which is alive until run() returns, and the job with bubblewrap.
class Sandbox {
 public:
  /// Tries out a whole run with a command that does not exist. Refuses with `sandbox_unusable` when
  /// bubblewrap, user namespaces or the filter do not work here.
  static Result<Sandbox> detect(SandboxOptions options);

  /// An Error means that the sandbox failed, not the job: `bad_run_request`, `sandbox_failed`,
  /// `cgroup_failed`, `seccomp_failed`, `disk_image_failed`, `command_failed` (mkfs.ext4).
  Result<RunOutcome> run(const RunRequest& request, std::stop_token cancel) const;
  /// Ends what an earlier life of this agent left in control groups. For start-up, before any run.
  void sweep_stale() const { cgroups_.sweep(); }

  const Cgroups& cgroups() const { return cgroups_; }
  /// Whether /out is on disk (a loop-mounted image) or in memory, counted as the job's memory.
  bool disk_images() const { return options_.disk_images; }
  /// Whether each run gets a user id of its own, for which the agent must be root.
  bool separate_users() const { return root_; }

 private:
  struct Slots;
  Sandbox(SandboxOptions options, Cgroups cgroups);
  Result<RunOutcome> probe() const;
  Result<RunOutcome> run_once(const RunRequest& request, std::uint32_t user,
                              const std::stop_token& cancel) const;

  SandboxOptions options_;
  Cgroups cgroups_;
  bool root_ = false;
  std::shared_ptr<Slots> slots_;
};

}  // namespace bourse::provider
