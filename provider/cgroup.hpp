// SPDX-License-Identifier: Apache-2.0
//
// Control groups: the kernel's limit on the memory, processes and processor time of one run. Both
// generations are served, v2 where its controllers are free and v1 where they are bound to v1
// mounts. Where neither may be written, the sandbox falls back to rlimits and the doctor says so.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace bourse::provider {

struct CgroupLimits {
  std::uint64_t memory_bytes = 0;
  std::uint64_t processes_max = 0;
  std::uint64_t cpu_milli = 0;
};

/// A directory in which groups can be made, and what it limits.
struct CgroupParent {
  std::filesystem::path directory;
  bool v2 = false;
  bool memory = false;
  bool pids = false;
  bool cpu = false;
};

/// A line of /proc/self/mountinfo that mounts a control group file system.
struct CgroupMount {
  std::filesystem::path directory;
  bool v2 = false;
  /// The controllers bound to a v1 mount.
  std::vector<std::string> controllers;
  /// Where this process is, below `directory`.
  std::string own_path;
};

/// Pure parts, for the tests of layouts that this machine does not have.
std::vector<CgroupMount> parse_cgroup_mounts(std::string_view mountinfo,
                                             std::string_view self_cgroup);
std::vector<std::pair<std::string, std::string>> cgroup_settings(const CgroupParent& parent,
                                                                 const CgroupLimits& limits);
/// The number after `key` in a file of "key number" lines; zero when it is not there.
std::uint64_t counter_in(std::string_view text, std::string_view key);

/// The groups of one run, one per parent. They are removed with this object.
class Cgroup {
 public:
  Cgroup() = default;
  Cgroup(Cgroup&&) = default;
  Cgroup& operator=(Cgroup&&) = delete;
  ~Cgroup();

  Result<void> add(pid_t process) const;
  /// How often the kernel killed a process of this run because its memory was used up.
  std::uint64_t oom_kills() const;
  /// How often it refused a fork of this run because there were too many processes.
  std::uint64_t forks_refused() const;

 private:
  friend class Cgroups;
  struct Member {
    std::filesystem::path directory;
    CgroupParent parent;
  };
  std::vector<Member> members_;
};

/// What this machine offers. `instance` is part of every group's name, so that one agent never
/// takes the groups of another for its own stale ones.
class Cgroups {
 public:
  /// None at all is a valid answer: it is asked for with has_memory() and the like.
  static Cgroups detect(std::string instance);
  /// An object that limits nothing, for machines (and tests) without control groups.
  static Cgroups none() { return {}; }

  bool has_memory() const;
  bool has_pids() const;
  bool has_cpu() const;
  const std::vector<CgroupParent>& parents() const { return parents_; }

  Result<Cgroup> create(const std::string& name, const CgroupLimits& limits) const;
  /// Kills what is left in groups of this instance from an earlier life, and removes them.
  void sweep() const;

 private:
  std::vector<CgroupParent> parents_;
  std::string prefix_;
};

}  // namespace bourse::provider
