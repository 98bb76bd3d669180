// SPDX-License-Identifier: Apache-2.0
#include "provider/sandbox.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "provider/sandbox_child.hpp"
#include "provider/sandbox_disk.hpp"
#include "provider/sandbox_seccomp.hpp"
#include "provider/sandbox_watch.hpp"

namespace bourse::provider {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMib = std::uint64_t{1} << 20;
/// User ids above those that systemd gives to containers, up to 2^31 (systemd's UIDS-GIDS.md).
constexpr std::uint32_t kFirstSlotUser = 0x70000000;
/// bubblewrap waits outside of the job's process namespace, in the same control group.
constexpr std::uint64_t kBubblewrapProcesses = 1;
constexpr int kStartAttempts = 3;
constexpr std::chrono::milliseconds kStartPause{50};
/// What bubblewrap writes when the job's command cannot be executed: the job's own fault.
constexpr std::string_view kExecFailed = "bwrap: execvp ";
/// In the C locale, since bubblewrap gets no environment.
constexpr std::string_view kNoSuchFile = "No such file or directory";
constexpr const char* kNoSuchCommand = "/no-such-command";

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

Result<void> check_request(const RunRequest& request) {
  const auto bad = [](const char* message) { return Error{"bad_run_request", message}; };
  if (!is_word(request.name)) return bad("The name of a run has letters, digits and dashes only.");
  if (request.command.empty() || request.command.front().empty()) return bad("No command given.");
  if (std::any_of(request.command.begin(), request.command.end(), has_nul)) {
    return bad("An argument contains a NUL byte.");
  }
  for (const auto& [name, value] : request.env) {
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value)) {
      return bad("An environment variable has an empty name, or = or NUL in it.");
    }
  }
  if (request.limits.memory_mib == 0 || request.limits.disk_mib == 0) {
    return bad("The limits on memory and disk must not be zero.");
  }
  return {};
}

std::vector<std::string> bwrap_arguments(const RunRequest& request) {
  // Half of the memory may be files in /tmp, and half in /dev/shm; both count as memory.
  const std::string half = std::to_string(request.limits.memory_mib * kMib / 2);
  std::vector<std::string> out = {
      "bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
      "--unshare-cgroup", "--disable-userns", "--die-with-parent", "--new-session",
      // bubblewrap's own init would run beside the job without the filter.
      "--as-pid-1", "--hostname", "job", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL",
      "--ro-bind", kStagedRoot, "/", "--proc", "/proc", "--dev", "/dev", "--perms", "1777",
      "--size", half, "--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--perms", "1777", "--size",
      half, "--tmpfs", "/tmp", "--ro-bind", kStagedInputs, "/in", "--bind", kStagedOutputs, "/out",
      "--chdir", "/out", "--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin",
      "--setenv", "LC_ALL", "C", "--setenv", "HOME", "/tmp"};
  for (const auto& [name, value] : request.env) {
    out.insert(out.end(), {"--setenv", name, value});
  }
  out.insert(out.end(), {"--seccomp", std::to_string(kSeccompFd), "--json-status-fd",
                         std::to_string(kStatusFd), "--"});
  out.insert(out.end(), request.command.begin(), request.command.end());
  return out;
}

/// The write end of a new pipe; the read end goes to `reader`.
Result<UniqueFd> make_pipe(UniqueFd& reader) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return Error{"sandbox_failed", "Cannot make a pipe: too many open files."};
  }
  reader = UniqueFd(ends[0]);
  return UniqueFd(ends[1]);
}

/// Starts bubblewrap with its descriptors, of which only it has the write ends afterwards.
Result<Child> start_with_pipes(ChildPlan& plan, const Cgroup& group, RunPipes& pipes) {
  TRY_ASSIGN(const UniqueFd filter, seccomp_filter());
  TRY_ASSIGN(const UniqueFd output, make_pipe(pipes.standard_output));
  TRY_ASSIGN(const UniqueFd error, make_pipe(pipes.standard_error));
  TRY_ASSIGN(const UniqueFd status, make_pipe(pipes.status));
  plan.seccomp = filter.get();
  plan.standard_output = output.get();
  plan.standard_error = error.get();
  plan.status = status.get();
  return start_child(plan, group);
}

RunOutcome stopped_outcome(const Limits& limits, Stopped stopped) {
  RunOutcome out;
  if (stopped == Stopped::time) {
    out.ended = Ended::time_limit;
    out.detail = "The job ran for " + std::to_string(limits.run.value()) + " ms, its limit.";
  } else if (stopped == Stopped::memory) {
    out.ended = Ended::memory_limit;
    out.detail = "The job needed more than " + std::to_string(limits.memory_mib) +
                 " MiB of memory, its limit.";
  } else if (stopped == Stopped::cancelled) {
    out.ended = Ended::cancelled;
    out.detail = "The run was cancelled.";
  }
  return out;
}

/// The limit that a failed job had met, if any.
void blame_limits(RunOutcome& out, const Limits& limits, int out_dir, const Cgroup& group) {
  if (out.exit_code == 0) return;
  if (is_full(out_dir)) {
    out.ended = Ended::disk_limit;
    out.detail =
        "The job failed with /out full at " + std::to_string(limits.disk_mib) + " MiB, its limit.";
  } else if (group.forks_refused() > 0) {
    out.ended = Ended::process_limit;
    out.detail = "The job failed after it had tried to have more than " +
                 std::to_string(limits.processes_max) + " processes, its limit.";
  }
}

/// bubblewrap ended without running the job: either the command does not exist, or it failed.
Result<void> explain_missing_code(Watched& watched) {
  const std::string said(as_text(watched.standard_error.kept));
  if (!said.starts_with(kExecFailed)) {
    return Error{"sandbox_failed",
                 "bubblewrap failed: " + (said.empty() ? "no reason given" : said)};
  }
  watched.exit_code = said.find(kNoSuchFile) != std::string::npos ? 127 : 126;
  const std::string_view message = std::string_view(said).substr(kExecFailed.size());
  watched.standard_error.kept.assign(message.begin(), message.end());
  return {};
}

}  // namespace

/// Gives each live run a user id of its own, so that runs cannot count or signal each other.
struct Sandbox::Slots {
  std::mutex mutex;
  std::set<std::uint32_t> used;

  std::uint32_t take() {
    const std::lock_guard lock(mutex);
    std::uint32_t slot = 0;
    while (used.contains(slot)) ++slot;
    used.insert(slot);
    return slot;
  }
  void give_back(std::uint32_t slot) {
    const std::lock_guard lock(mutex);
    used.erase(slot);
  }
};

Sandbox::Sandbox(SandboxOptions options, Cgroups cgroups)
    : options_(std::move(options)),
      cgroups_(std::move(cgroups)),
      root_(::geteuid() == 0),
      slots_(std::make_shared<Slots>()) {
  options_.disk_images = options_.disk_images && root_;
}

Result<Sandbox> Sandbox::detect(SandboxOptions options) {
  if (!is_word(options.instance)) {
    return Error{"sandbox_unusable", "The sandbox instance has letters, digits and dashes only."};
  }
  Cgroups cgroups = options.cgroups ? Cgroups::detect(options.instance) : Cgroups::none();
  Sandbox sandbox(std::move(options), std::move(cgroups));
  auto outcome = sandbox.probe();
  if (!outcome && sandbox.options_.disk_images) {
    sandbox.options_.disk_images = false;
    outcome = sandbox.probe();
  }
  if (outcome && outcome->exit_code == 127) return sandbox;
  const std::string why = outcome ? outcome->detail + std::string(as_text(outcome->standard_error))
                                  : outcome.error().message;
  return Error{"sandbox_unusable",
               "Jobs cannot be contained on this machine, so none will run: " + why +
                   " Install bubblewrap and allow unprivileged user namespaces."};
}

Result<RunOutcome> Sandbox::probe() const {
  const fs::path work = options_.work_dir / ("probe-" + std::to_string(::getpid()));
  RunRequest request;
  request.rootfs = work / "root";
  request.inputs_dir = work / "in";
  request.scratch_dir = work;
  request.command = {kNoSuchCommand};
  request.name = "probe";
  request.limits.disk_mib = 1;
  std::error_code failed;
  fs::create_directories(request.inputs_dir, failed);
  for (const char* name : {"in", "out", "tmp", "proc", "dev"}) {
    fs::create_directories(request.rootfs / name, failed);
  }
  if (failed) return Error{"sandbox_failed", "Cannot write to " + work.string() + "."};
  auto outcome = run(request, {});
  fs::remove_all(work, failed);
  return outcome;
}

Result<RunOutcome> Sandbox::run(const RunRequest& request, std::stop_token cancel) const {
  TRY(check_request(request));
  const std::uint32_t slot = slots_->take();
  Result<RunOutcome> outcome = Error{};
  for (int attempt = 1;; ++attempt) {
    outcome = run_once(request, root_ ? kFirstSlotUser + slot : 0, cancel);
    // Namespaces of earlier runs are freed a little late, and clone says EAGAIN meanwhile.
    if (outcome || attempt == kStartAttempts || cancel.stop_requested()) break;
    std::this_thread::sleep_for(kStartPause);
  }
  slots_->give_back(slot);
  return outcome;
}

Result<RunOutcome> Sandbox::run_once(const RunRequest& request, std::uint32_t user,
                                     const std::stop_token& cancel) const {
  const Limits& limits = request.limits;
  TRY_ASSIGN(OutArea area, options_.disk_images
                               ? out_area_on_disk(request.scratch_dir, limits.disk_mib, user)
                               : Result<OutArea>(out_area_in_memory(limits.disk_mib)));
  // Files in a tmpfs are memory, so the group gets room for them.
  const std::uint64_t memory_mib = limits.memory_mib + (options_.disk_images ? 0 : limits.disk_mib);
  const std::uint64_t processes = limits.processes_max + kBubblewrapProcesses;
  TRY_ASSIGN(const Cgroup group,
             cgroups_.create(request.name, {memory_mib * kMib, processes, limits.cpu_milli}));
  ChildPlan plan{options_.bwrap,
                 bwrap_arguments(request),
                 request.rootfs,
                 request.inputs_dir,
                 area.file_system,
                 area.options,
                 user};
  if (!cgroups_.has_memory()) plan.address_space_bytes = limits.memory_mib * kMib;
  if (!cgroups_.has_pids()) plan.processes_max = processes;
  RunPipes pipes;
  TRY_ASSIGN(const Child child, start_with_pipes(plan, group, pipes));
  area.loop = UniqueFd();

  Watched watched =
      watch_run(child.pid, std::move(pipes), limits.run, limits.stream_bytes_max, group, cancel);
  RunOutcome out = stopped_outcome(limits, watched.stopped);
  if (watched.stopped == Stopped::no) {
    if (!watched.exit_code) TRY(explain_missing_code(watched));
    out.exit_code = *watched.exit_code;
    blame_limits(out, limits, child.out.get(), group);
  }
  if (out.ended == Ended::exited) {
    auto outputs =
        collect_outputs(child.out.get(), {limits.output_bytes_max, limits.output_files_max});
    if (!outputs.refused.empty()) out.ended = Ended::output_refused;
    out.files = std::move(outputs.files);
    out.detail = std::move(outputs.refused);
  }
  out.standard_output = std::move(watched.standard_output.kept);
  out.standard_error = std::move(watched.standard_error.kept);
  out.standard_output_truncated = watched.standard_output.truncated;
  out.standard_error_truncated = watched.standard_error.truncated;
  out.elapsed = watched.elapsed;
  return out;
}

}  // namespace bourse::provider
