// SPDX-License-Identifier: Apache-2.0
#include "provider/sandbox_child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

// glibc's <sys/mount.h> and the kernel's <linux/mount.h> cannot be included together.
extern "C" int mount(const char*, const char*, const char*, unsigned long, const void*);

namespace bourse::provider {
namespace {

constexpr rlim_t kOpenFilesMax = 1024;
constexpr rlim_t kStackBytes = 8 << 20;
constexpr int kSocketFd = 5;
constexpr int kFirstHighFd = 64;
constexpr unsigned long kRemountPrivate = 1UL << 18 | 1UL << 14;  // MS_PRIVATE | MS_REC

/// What the child was doing when it failed; `done` comes with the descriptor of /out.
enum class Step : std::uint8_t { done, namespaces, mounts, limits, user, descriptors, exec };
constexpr std::array kStepNames = {"",
                                   "make namespaces",
                                   "mount the run's directories",
                                   "set limits",
                                   "change the user",
                                   "set up descriptors",
                                   "execute bubblewrap"};
struct Report {
  Step step = Step::done;
  int code = 0;
};

// --- The child. It may only make system calls: other threads may have held locks at the fork. ----

/// Everything that needs memory, made before the fork.
struct Prepared {
  const ChildPlan& plan;
  std::vector<char*> arguments;
  std::string user_map;
  std::string group_map;
  std::vector<std::pair<std::string, std::string>> stage_options;
  pid_t agent;
  int null;
  int socket;
  int agent_socket;
};

int failed_unless(bool ok) { return ok ? 0 : (errno == 0 ? EINVAL : errno); }

bool send_report(int socket, Report report, int fd) {
  iovec data{&report, sizeof report};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) > 0;
}

bool write_file(const char* path, std::string_view text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  return fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::close(fd) == 0;
}

int enter_namespaces(const Prepared& run) {
  const bool root = run.plan.user != 0;
  if (::unshare(root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return errno;
  if (!root) {
    // One id, mapped to itself, is what an unprivileged process may map (user_namespaces(7)).
    if (!write_file("/proc/self/setgroups", "deny") ||
        !write_file("/proc/self/uid_map", run.user_map) ||
        !write_file("/proc/self/gid_map", run.group_map)) {
      return errno;
    }
  }
  return failed_unless(::mount("", "/", nullptr, kRemountPrivate, nullptr) == 0);
}

int new_mount(const char* file_system,
              const std::vector<std::pair<std::string, std::string>>& options) {
  const int context = static_cast<int>(::syscall(SYS_fsopen, file_system, FSOPEN_CLOEXEC));
  if (context < 0) return -1;
  for (const auto& [key, value] : options) {
    const unsigned command = value.empty() ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    const char* text = value.empty() ? nullptr : value.c_str();
    if (::syscall(SYS_fsconfig, context, command, key.c_str(), text, 0) != 0) return -1;
  }
  if (::syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return -1;
  return static_cast<int>(
      ::syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
}

bool attach(int mount_fd, const char* path) {
  return (std::strcmp(path, "/tmp") == 0 || ::mkdir(path, 0755) == 0) &&
         ::syscall(SYS_move_mount, mount_fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

int open_tree(const std::string& path) {
  return static_cast<int>(
      ::syscall(SYS_open_tree, AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

/// Takes hold of all trees before /tmp is covered, since they may be below it.
int stage_trees(const Prepared& run) {
  const int root = open_tree(run.plan.rootfs);
  const int inputs = root < 0 ? -1 : open_tree(run.plan.inputs_dir);
  const int out =
      inputs < 0 ? -1 : new_mount(run.plan.out_file_system.c_str(), run.plan.out_options);
  const int stage = out < 0 ? -1 : new_mount("tmpfs", run.stage_options);
  if (stage < 0 || !attach(stage, "/tmp") || !attach(root, kStagedRoot) ||
      !attach(inputs, kStagedInputs) || !attach(out, kStagedOutputs)) {
    return errno;
  }
  // mkfs.ext4 makes this directory; the job should find /out empty.
  ::unlinkat(out, "lost+found", AT_REMOVEDIR);
  return failed_unless(send_report(run.socket, {}, out));
}

int set_limits(const ChildPlan& plan) {
  const auto limit = [](__rlimit_resource_t which, rlim_t value) {
    const rlimit both{value, value};
    return ::setrlimit(which, &both) == 0;
  };
  ::umask(022);
  return failed_unless(
      limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, kOpenFilesMax) &&
      limit(RLIMIT_STACK, kStackBytes) && limit(RLIMIT_MSGQUEUE, 0) &&
      (plan.address_space_bytes == 0 || limit(RLIMIT_AS, plan.address_space_bytes)) &&
      (plan.processes_max == 0 || limit(RLIMIT_NPROC, plan.processes_max)));
}

int become_user(const Prepared& run) {
  const uid_t user = run.plan.user;
  if (user != 0 && (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
                    ::setresuid(user, user, user) != 0)) {
    return errno;
  }
  // The kernel forgets the death signal when the user changes, so it is set after that; the agent
  // may have died before.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    return errno;
  }
  return failed_unless(::getppid() == run.agent && ::chdir("/") == 0);
}

/// Moves the six descriptors to their numbers, by way of high numbers so that none overwrites
/// another, and closes the rest: an inherited descriptor is a way out (CVE-2024-21626).
int arrange_descriptors(Prepared& run) {
  const ChildPlan& plan = run.plan;
  int fds[] = {run.null,     plan.standard_output, plan.standard_error,
               plan.seccomp, plan.status,          run.socket};
  static_assert(std::size(fds) == kSocketFd + 1);
  for (int& fd : fds) {
    fd = ::fcntl(fd, F_DUPFD_CLOEXEC, kFirstHighFd);
    if (fd < 0) return errno;
  }
  for (int number = 0; number <= kSocketFd; ++number) {
    if (::dup3(fds[number], number, number == kSocketFd ? O_CLOEXEC : 0) < 0) return errno;
  }
  run.socket = kSocketFd;
  return failed_unless(::syscall(SYS_close_range, kSocketFd + 1, ~0U, 0) == 0);
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_sandbox(Prepared& run) {
  // Without our copy of the agent's end, the agent's death ends the wait.
  ::close(run.agent_socket);
  char go = 0;
  if (::recv(run.socket, &go, 1, 0) != 1) ::_exit(1);
  reset_signals();
  Report report{Step::namespaces, enter_namespaces(run)};
  if (report.code == 0) report = {Step::mounts, stage_trees(run)};
  if (report.code == 0) report = {Step::limits, set_limits(run.plan)};
  if (report.code == 0) report = {Step::user, become_user(run)};
  if (report.code == 0) report = {Step::descriptors, arrange_descriptors(run)};
  if (report.code == 0) {
    char* const environment[] = {nullptr};
    ::execve(run.plan.program.c_str(), run.arguments.data(), environment);
    report = {Step::exec, errno};
  }
  send_report(run.socket, report, -1);
  ::_exit(1);
}

// --- The agent
// ------------------------------------------------------------------------------------

Error start_error(const std::string& what, int code) {
  return {"sandbox_failed", "Cannot " + what + ": " + std::generic_category().message(code) + "."};
}

/// The next report, with the descriptor that came along, or nothing when the child has executed
/// bubblewrap or is dead.
std::optional<Report> receive_report(int socket, UniqueFd& fd) {
  Report report;
  iovec data{&report, sizeof report};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t count = 0;
  do {
    count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof report) return std::nullopt;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr) {
    int received = -1;
    std::memcpy(&received, CMSG_DATA(header), sizeof received);
    fd = UniqueFd(received);
  }
  return report;
}

/// Waits until the child has executed bubblewrap.
Result<UniqueFd> follow_child(int socket) {
  UniqueFd out;
  for (;;) {
    const auto report = receive_report(socket, out);
    if (!report && !out) return start_error("start a run", ECHILD);
    if (!report) return out;
    if (report->code != 0) {
      return start_error(kStepNames[static_cast<std::size_t>(report->step)], report->code);
    }
  }
}

}  // namespace

Result<Child> start_child(const ChildPlan& plan, const Cgroup& group) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return start_error("make a socket", errno);
  }
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return start_error("open /dev/null", errno);

  const std::string user = std::to_string(::geteuid()), group_id = std::to_string(::getegid());
  Prepared run{plan,
               {},
               user + " " + user + " 1",
               group_id + " " + group_id + " 1",
               {{"size", "64k"}, {"mode", "0755"}},
               ::getpid(),
               null.get(),
               theirs.get(),
               ours.get()};
  for (const std::string& text : plan.arguments) {
    run.arguments.push_back(const_cast<char*>(text.c_str()));
  }
  run.arguments.push_back(nullptr);
  Child child;
  child.pid = ::fork();
  if (child.pid == 0) become_sandbox(run);
  if (child.pid < 0) return start_error("fork", errno);
  theirs = UniqueFd();

  const auto give_up = [&](const Error& error) {
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    return error;
  };
  if (auto added = group.add(child.pid); !added) return give_up(added.error());
  if (::send(ours.get(), "g", 1, MSG_NOSIGNAL) != 1) return give_up(start_error("go", errno));
  auto out = follow_child(ours.get());
  if (!out) return give_up(out.error());
  child.out = std::move(*out);
  return child;
}

}  // namespace bourse::provider
