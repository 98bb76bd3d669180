// SPDX-License-Identifier: Apache-2.0
#include "provider/doctor.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/files.hpp"
#include "provider/runtime.hpp"
#include "provider/sandbox.hpp"
#include "provider/subprocess.hpp"

namespace bourse::provider {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kFreeBytesMin = std::uintmax_t{2} << 30;

/// close_range(2) is the youngest call that the sandbox needs.
constexpr int kKernelMajorMin = 5, kKernelMinorMin = 9;

Check check_kernel() {
  utsname name{};
  ::uname(&name);
  char* rest = nullptr;
  const long major = std::strtol(name.release, &rest, 10);
  const long minor = *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : 0;
  const bool enough =
      major > kKernelMajorMin || (major == kKernelMajorMin && minor >= kKernelMinorMin);
  const std::string release = name.release;
  if (enough) return {"kernel", Health::ok, "Linux " + release + "."};
  return {"kernel", Health::fail,
          "Linux " + release + " is too old; the sandbox needs 5.9 or later."};
}

Check check_sandbox(const Result<Sandbox>& sandbox) {
  if (!sandbox) return {"sandbox", Health::fail, sandbox.error().message};
  return {"sandbox", Health::ok,
          "bubblewrap, user namespaces and the system call filter work; jobs have no network."};
}

/// A limit that control groups enforce, or what takes its place.
Check check_limit(const Sandbox& sandbox, const char* name, bool CgroupParent::*controls,
                  const char* otherwise) {
  for (const CgroupParent& parent : sandbox.cgroups().parents()) {
    if (parent.*controls) {
      return {name, Health::ok,
              std::string("Limited by control groups v") + (parent.v2 ? "2" : "1") + " in " +
                  parent.directory.string() + "."};
    }
  }
  return {name, Health::warn,
          std::string("No writable control group: ") + otherwise +
              " Run the agent as a service with Delegate=yes, or as root."};
}

void check_containment(const Sandbox& sandbox, std::vector<Check>& out) {
  out.push_back(check_limit(sandbox, "memory", &CgroupParent::memory,
                            "each process of a job is limited, but not their sum."));
  out.push_back(check_limit(sandbox, "processes", &CgroupParent::pids,
                            "the number of processes is limited by rlimit."));
  out.push_back(check_limit(sandbox, "processor", &CgroupParent::cpu,
                            "a job may use more processor time than was sold."));
  out.push_back(sandbox.disk_images()
                    ? Check{"disk", Health::ok, "/out of a job is a disk image of the sold size."}
                    : Check{"disk", Health::warn,
                            "/out of a job is in memory, so sold disk takes memory. Run the agent "
                            "as root with loop devices and mkfs.ext4 to have it on disk."});
  out.push_back(sandbox.separate_users()
                    ? Check{"users", Health::ok, "Each run has a user id of its own."}
                    : Check{"users", Health::warn,
                            "Jobs run as the user of the agent, behind the sandbox only. Give the "
                            "agent a user of its own, without other files."});
}

Check check_builder() {
  if (!command_exists("mmdebstrap")) {
    return {"runtime_builder", Health::warn, "Install mmdebstrap to build runtimes."};
  }
  if (::geteuid() != 0 && !command_exists("newuidmap")) {
    return {"runtime_builder", Health::warn,
            "Building runtimes needs root, or the package uidmap and a range in /etc/subuid."};
  }
  return {"runtime_builder", Health::ok, "mmdebstrap can build runtimes."};
}

Check check_runtimes(const fs::path& home) {
  const std::size_t count = list_runtimes(home).size();
  if (count == 0) {
    return {"runtimes", Health::warn,
            "There is no runtime yet; add one with `bourse-provider runtime add`."};
  }
  return {"runtimes", Health::ok, std::to_string(count) + " to offer."};
}

Check check_space(const fs::path& home) {
  std::error_code failed;
  const auto space = fs::space(home, failed);
  if (failed) return {"space", Health::fail, "Cannot use " + home.string() + "."};
  const std::string free = std::to_string(space.available >> 20) + " MiB free at " + home.string();
  if (space.available >= kFreeBytesMin) return {"space", Health::ok, free + "."};
  return {"space", Health::warn, free + "; disk images of jobs may run out of it."};
}

}  // namespace

std::vector<Check> examine_machine(const fs::path& home) {
  std::vector<Check> out = {check_kernel()};
  const auto sandbox = Sandbox::detect({.instance = "doctor", .work_dir = home / "doctor"});
  out.push_back(check_sandbox(sandbox));
  if (sandbox) check_containment(*sandbox, out);
  out.push_back(check_builder());
  out.push_back(check_runtimes(home));
  out.push_back(check_space(home));
  std::error_code ignored;
  fs::remove(home / "doctor", ignored);
  return out;
}

bool can_run_jobs(const std::vector<Check>& checks) {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& check) { return check.health == Health::fail; });
}

}  // namespace bourse::provider
