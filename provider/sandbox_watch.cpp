// SPDX-License-Identifier: Apache-2.0
#include "provider/sandbox_watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/json.hpp"

namespace bourse::provider {
namespace {

using Clock = std::chrono::steady_clock;

/// How often memory kills are looked for; everything else wakes the watcher.
constexpr std::chrono::milliseconds kTick{50};
/// After this long without a process id, bubblewrap itself is killed: it hangs.
constexpr std::chrono::seconds kKillBubblewrapAfter{5};
constexpr std::chrono::milliseconds kJobGoneWithin{10'000};
constexpr std::size_t kStatusBytesMax = 4096;
constexpr std::size_t kReadBudget = 256 << 10;

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// Reads what is there, up to about `budget` bytes so that a flood does not keep the watcher from
/// its limits, and keeps up to `max` in all. False at the end of the stream.
bool drain(int fd, std::uint64_t max, std::size_t budget, CapturedStream& stream) {
  std::uint8_t buffer[65536];
  for (std::size_t done = 0; done < budget;) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 && errno == EAGAIN;
    const auto size = static_cast<std::size_t>(count);
    const auto room = static_cast<std::size_t>(max - stream.kept.size());
    append(stream.kept, {buffer, std::min(size, room)});
    stream.truncated |= size > room;
    done += size;
  }
  return true;
}

/// The integer in a line `{ "key": 1, … }` of the status stream.
std::optional<std::int64_t> status_value(const CapturedStream& status, const char* key) {
  std::string_view rest = as_text(status.kept);
  for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos;
       rest.remove_prefix(end + 1)) {
    const auto json = parse_json(rest.substr(0, end));
    if (!json || !json->is_object()) continue;
    const auto found = json->find(key);
    if (found != json->end() && found->is_number_integer()) return found->get<std::int64_t>();
  }
  return std::nullopt;
}

class Watcher {
 public:
  Watcher(pid_t bubblewrap, RunPipes pipes, std::uint64_t stream_max)
      : bubblewrap_(bubblewrap),
        bubblewrap_fd_(open_pidfd(bubblewrap)),
        pipes_(std::move(pipes)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        stream_max_(stream_max) {
    for (const UniqueFd* pipe : {&pipes_.standard_output, &pipes_.standard_error, &pipes_.status}) {
      ::fcntl(pipe->get(), F_SETFL, O_NONBLOCK);
    }
  }

  Watched watch(DurationMs time_limit, const Cgroup& group, const std::stop_token& cancel) {
    const std::stop_callback on_cancel(cancel, [this] {
      const std::uint64_t one = 1;
      (void)!::write(wake_.get(), &one, sizeof one);
    });
    const auto limit = std::chrono::milliseconds(time_limit.value());
    while (!wait_for_events(limit)) {
      read_streams(kReadBudget);
      if (result_.stopped == Stopped::no) {
        if (cancel.stop_requested()) result_.stopped = Stopped::cancelled;
        if (since_start() >= limit) result_.stopped = Stopped::time;
        if (group.oom_kills() > 0) result_.stopped = Stopped::memory;
        if (result_.stopped != Stopped::no) stopped_at_ = Clock::now();
      }
      if (result_.stopped != Stopped::no) kill();
    }
    finish(group);
    return std::move(result_);
  }

 private:
  std::chrono::milliseconds since_start() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
  }

  /// True when bubblewrap has ended.
  bool wait_for_events(std::chrono::milliseconds limit) {
    auto pause = kTick;
    if (limit > since_start()) pause = std::min(pause, limit - since_start());
    const bool wake = result_.stopped == Stopped::no;
    pollfd events[] = {{bubblewrap_fd_.get(), POLLIN, 0},
                       {open_[0] ? pipes_.standard_output.get() : -1, POLLIN, 0},
                       {open_[1] ? pipes_.standard_error.get() : -1, POLLIN, 0},
                       {open_[2] ? pipes_.status.get() : -1, POLLIN, 0},
                       {wake ? wake_.get() : -1, POLLIN, 0}};
    ::poll(events, std::size(events), static_cast<int>(std::max<std::int64_t>(pause.count(), 1)));
    if (bubblewrap_fd_) return (events[0].revents & POLLIN) != 0;
    // Too many open files: this is how one knows without a descriptor.
    siginfo_t ended{};
    return ::waitid(P_PID, static_cast<id_t>(bubblewrap_), &ended, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           ended.si_pid == bubblewrap_;
  }

  void read_streams(std::size_t budget) {
    const auto read = [&](bool& open, const UniqueFd& pipe, std::uint64_t max, auto& stream) {
      if (open) open = drain(pipe.get(), max, budget, stream);
    };
    read(open_[0], pipes_.standard_output, stream_max_, result_.standard_output);
    read(open_[1], pipes_.standard_error, stream_max_, result_.standard_error);
    read(open_[2], pipes_.status, kStatusBytesMax, status_);
    if (!job_fd_) {
      // The id stays valid while bubblewrap, the only one to collect it, is alive.
      if (const auto pid = status_value(status_, "child-pid")) {
        job_fd_ = open_pidfd(static_cast<pid_t>(*pid));
      }
    }
  }

  /// The first process of the job is the init of its process namespace: its end is the end of all.
  /// bubblewrap is left alive to wait for that.
  void kill() {
    if (job_fd_) {
      ::syscall(SYS_pidfd_send_signal, job_fd_.get(), SIGKILL, nullptr, 0);
    } else if (Clock::now() - stopped_at_ > kKillBubblewrapAfter) {
      ::kill(bubblewrap_, SIGKILL);
    }
  }

  void finish(const Cgroup& group) {
    int status = 0;
    while (::waitpid(bubblewrap_, &status, 0) < 0 && errno == EINTR) {
    }
    result_.elapsed = DurationMs(static_cast<std::uint64_t>(since_start().count()));
    read_streams(SIZE_MAX);
    // A memory kill takes bubblewrap along with the job, so the job may end last.
    pollfd job{job_fd_.get(), POLLIN, 0};
    if (job_fd_) ::poll(&job, 1, static_cast<int>(kJobGoneWithin.count()));
    read_streams(SIZE_MAX);
    if (result_.stopped == Stopped::no && group.oom_kills() > 0) result_.stopped = Stopped::memory;
    if (const auto code = status_value(status_, "exit-code")) {
      result_.exit_code = static_cast<std::int32_t>(*code);
    }
  }

  pid_t bubblewrap_;
  UniqueFd bubblewrap_fd_;
  UniqueFd job_fd_;
  RunPipes pipes_;
  UniqueFd wake_;
  std::uint64_t stream_max_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point stopped_at_;
  bool open_[3] = {true, true, true};
  CapturedStream status_;
  Watched result_;
};

}  // namespace

Watched watch_run(pid_t bubblewrap, RunPipes pipes, DurationMs time_limit, std::uint64_t stream_max,
                  const Cgroup& group, const std::stop_token& cancel) {
  return Watcher(bubblewrap, std::move(pipes), stream_max).watch(time_limit, group, cancel);
}

}  // namespace bourse::provider
