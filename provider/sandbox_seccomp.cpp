// SPDX-License-Identifier: Apache-2.0
#include "provider/sandbox_seccomp.hpp"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace bourse::provider {
namespace {

/// Refused with EPERM whatever the arguments. Names that a kernel or libseccomp does not know are
/// skipped: what does not exist needs no refusal.
constexpr const char* kRefused[] = {
    // Other processes' memory and descriptors.
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    // Kernel interfaces with a record of privilege escalation.
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "add_key", "request_key", "keyctl", "fanotify_init", "lookup_dcookie",
    // Mounts and namespaces.
    "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "unshare", "setns", "chroot", "open_by_handle_at",
    "name_to_handle_at", "quotactl", "quotactl_fd", "swapon", "swapoff",
    // The machine itself.
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "acct", "syslog", "vhangup", "iopl", "ioperm", "settimeofday", "stime", "clock_settime",
    "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "nfsservctl", "move_pages",
    "migrate_pages"};

/// Typing into the terminal of whoever started the agent (CVE-2017-5226).
constexpr scmp_datum_t kRefusedIoctls[] = {TIOCSTI, TIOCLINUX};

constexpr scmp_datum_t kNamespaceFlags[] = {CLONE_NEWNS,    CLONE_NEWUTS, CLONE_NEWIPC,
                                            CLONE_NEWPID,   CLONE_NEWNET, CLONE_NEWUSER,
                                            CLONE_NEWCGROUP};

/// The kernel looks at 32 bits of these arguments, so the upper ones must not hide anything.
constexpr scmp_datum_t kLower32 = 0xffffffff;

bool add_rules(scmp_filter_ctx filter) {
  const std::uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
  int bad = 0;
  for (const char* name : kRefused) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number >= 0) bad |= seccomp_rule_add(filter, refuse, number, 0);
  }
  for (const scmp_datum_t request : kRefusedIoctls) {
    bad |= seccomp_rule_add(filter, refuse, SCMP_SYS(ioctl), 1,
                            SCMP_A1(SCMP_CMP_MASKED_EQ, kLower32, request));
  }
  for (const scmp_datum_t flag : kNamespaceFlags) {
    bad |= seccomp_rule_add(filter, refuse, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
  }
  // clone3 has its flags in memory, where no filter sees them; libraries fall back to clone.
  bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  // Only unix, IPv4 and IPv6 sockets: netlink, packet, vsock, AF_ALG and the like are refused.
  for (scmp_datum_t family = 0; family < AF_INET6; ++family) {
    if (family == AF_UNIX || family == AF_INET) continue;
    bad |= seccomp_rule_add(filter, refuse, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, family));
  }
  bad |= seccomp_rule_add(filter, refuse, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_INET6));
  return bad == 0;
}

}  // namespace

Result<UniqueFd> seccomp_filter() {
  // Calls through another instruction set (32-bit, x32) have other numbers: the default action of
  // libseccomp kills them.
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW),
                                                                 &seccomp_release);
  UniqueFd file(::memfd_create("bourse-seccomp", MFD_CLOEXEC));
  if (!filter || !file || !add_rules(filter.get()) ||
      seccomp_export_bpf(filter.get(), file.get()) != 0 || ::lseek(file.get(), 0, SEEK_SET) != 0) {
    return Error{"seccomp_failed",
                 "The system call filter cannot be built; jobs do not run without it."};
  }
  return file;
}

}  // namespace bourse::provider
