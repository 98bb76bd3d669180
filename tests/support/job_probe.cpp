// SPDX-License-Identifier: Apache-2.0
//
// A hostile job, linked statically so that it runs in a root file system with nothing else. Each
// argument names one attempt; the program prints "NAME: refused" or "NAME: allowed" for each and
// exits with the number of attempts that were allowed.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>

namespace {

/// The test listens on the host's loopback at HOST_PORT; the job must see another loopback.
bool connects_to_host() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(std::getenv("HOST_PORT"))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}

/// Whether there is an interface besides loopback.
bool has_interface() {
  std::ifstream devices("/proc/net/dev");
  int count = 0;
  for (std::string line; std::getline(devices, line);) count += line.find(':') != line.npos ? 1 : 0;
  return count != 1;
}

bool opens_socket(int family) { return ::socket(family, SOCK_RAW, 0) >= 0; }

bool clones(unsigned long flags) {
  const long pid = ::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) ::_exit(0);
  return pid > 0;
}

bool opens(const char* path, int flags) { return ::open(path, flags) >= 0; }

/// Whether any descriptor but the standard three is open.
bool inherited_descriptor() {
  for (int fd = 3; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) return true;
  }
  return false;
}

const std::map<std::string, std::function<bool()>> kAttempts = {
    {"ptrace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
    {"mount", [] { return ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0; }},
    {"remount", [] { return ::mount("", "/", nullptr, MS_REMOUNT | MS_BIND, nullptr) == 0; }},
    {"umount", [] { return ::umount2("/in", MNT_DETACH) == 0; }},
    {"fsopen", [] { return ::syscall(SYS_fsopen, "tmpfs", 0) >= 0; }},
    {"open_tree", [] { return ::syscall(SYS_open_tree, AT_FDCWD, "/", 1) >= 0; }},
    {"unshare_user", [] { return ::unshare(CLONE_NEWUSER) == 0; }},
    {"clone_user", [] { return clones(CLONE_NEWUSER); }},
    {"clone_high_bits", [] { return clones(0x100000000UL | CLONE_NEWUSER); }},
    {"clone3", [] { return ::syscall(SYS_clone3, nullptr, 0) >= 0 || errno != ENOSYS; }},
    {"setns", [] { return ::setns(::open("/proc/1/ns/mnt", O_RDONLY), 0) == 0; }},
    {"chroot", [] { return ::chroot("/tmp") == 0; }},
    {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0) >= 0 || errno != EPERM; }},
    {"perf", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0) >= 0; }},
    {"io_uring", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr) >= 0 || errno != EPERM; }},
    {"userfaultfd", [] { return ::syscall(SYS_userfaultfd, 1) >= 0; }},
    {"keyctl",
     [] { return ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) >= 0; }},
    {"handle",
     [] { return ::syscall(SYS_open_by_handle_at, 0, nullptr, 0) >= 0 || errno != EPERM; }},
    {"module", [] { return ::syscall(SYS_init_module, nullptr, 0, "") == 0; }},
    {"reboot", [] { return ::syscall(SYS_reboot, 0, 0, 0, nullptr) == 0 || errno != EPERM; }},
    {"hostname", [] { return ::sethostname("x", 1) == 0; }},
    {"tiocsti",
     [] {
       char c = 'x';
       return ::ioctl(0, TIOCSTI, &c) == 0 || errno != EPERM;
     }},
    {"netlink", [] { return opens_socket(AF_NETLINK); }},
    {"packet", [] { return opens_socket(AF_PACKET); }},
    {"af_alg", [] { return ::socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0; }},
    {"vsock", [] { return ::socket(AF_VSOCK, SOCK_STREAM, 0) >= 0; }},
    {"raw", [] { return opens_socket(AF_INET); }},
    {"network", has_interface},
    {"loopback_of_host", connects_to_host},
    {"setuid", [] { return ::setuid(0) == 0; }},
    {"write_root", [] { return opens("/evil", O_CREAT | O_WRONLY); }},
    {"write_runtime", [] { return opens("/bin/busybox", O_WRONLY); }},
    {"write_input", [] { return opens("/in/data", O_WRONLY); }},
    {"create_input", [] { return opens("/in/evil", O_CREAT | O_WRONLY); }},
    {"write_dev", [] { return opens("/dev/evil", O_CREAT | O_WRONLY); }},
    {"mknod", [] { return ::mknod("/out/mem", S_IFCHR | 0600, 0x101) == 0; }},
    {"host_shadow", [] { return opens("/etc/shadow", O_RDONLY); }},
    {"host_usr", [] { return opens("/usr/bin/env", O_RDONLY); }},
    {"host_disk", [] { return opens("/dev/vda", O_RDONLY) || opens("/dev/sda", O_RDONLY); }},
    {"host_memory", [] { return opens("/dev/mem", O_RDONLY) || opens("/proc/kcore", O_RDONLY); }},
    {"sysrq", [] { return opens("/proc/sysrq-trigger", O_WRONLY); }},
    {"core_pattern", [] { return opens("/proc/sys/kernel/core_pattern", O_WRONLY); }},
    {"cgroup_files", [] { return opens("/sys/fs/cgroup", O_RDONLY); }},
    {"parent_root", [] { return opens("/proc/1/root/etc/shadow", O_RDONLY); }},
    {"dot_dot", [] { return opens("/out/../../../../etc/shadow", O_RDONLY); }},
    {"kill_outside", [] { return ::kill(-1, 0) == 0; }},
    {"inherited_fd", inherited_descriptor},
    {"suid_gain", [] { return ::getuid() == 0 || ::geteuid() == 0; }},
};

// Not attempts, but greed. Both are bounded far above the limits of the tests and far below what
// hurts a machine: a sandbox that fails its test must not take the host with it.

[[noreturn]] void eat_memory() {
  constexpr std::size_t kPiece = 1 << 20;
  for (int pieces = 0; pieces < 512; ++pieces) {
    void* piece = std::malloc(kPiece);
    if (piece == nullptr) std::_Exit(9);
    std::memset(piece, 1, kPiece);
  }
  std::_Exit(0);
}

/// Forks until it is refused, all children too. They share the count of those that are alive, and
/// all end when it passes the bound.
[[noreturn]] void fork_forever() {
  constexpr int kProcessesMax = 300;
  auto* forked = static_cast<std::atomic<int>*>(::mmap(nullptr, sizeof(std::atomic<int>),
                                                       PROT_READ | PROT_WRITE,
                                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  while (*forked < kProcessesMax) {
    ++*forked;
    if (::fork() < 0) --*forked;
  }
  std::_Exit(0);
}

}  // namespace

int main(int count, char** arguments) {
  int allowed = 0;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "eat_memory") eat_memory();
    if (name == "fork_forever") fork_forever();
    if (name == "list") {
      for (const auto& [attempt, action] : kAttempts) std::printf("%s\n", attempt.c_str());
      continue;
    }
    const auto attempt = kAttempts.find(name);
    const bool succeeded = attempt == kAttempts.end() || attempt->second();
    allowed += succeeded ? 1 : 0;
    std::printf("%s: %s\n", name.c_str(), succeeded ? "allowed" : "refused");
  }
  return allowed;
}
