// SPDX-License-Identifier: Apache-2.0
//
// Starting bubblewrap. Between fork and exec the child makes a private mount namespace with the
// run's three trees in it, drops to the user of the run, and closes every descriptor that is not
// meant for bubblewrap. The trees are staged at fixed places, because the user of the run could not
// walk into the agent's home.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "provider/cgroup.hpp"

namespace bourse::provider {

/// Where the child puts the trees for bubblewrap to bind. It covers the host's /tmp in the private
/// namespace, because that directory exists everywhere.
inline constexpr const char* kStagedRoot = "/tmp/root";
inline constexpr const char* kStagedInputs = "/tmp/in";
inline constexpr const char* kStagedOutputs = "/tmp/out";
/// Descriptors of bubblewrap, next to the standard three.
inline constexpr int kSeccompFd = 3;
inline constexpr int kStatusFd = 4;

struct ChildPlan {
  std::string program;
  /// argv, with argv[0].
  std::vector<std::string> arguments;
  std::string rootfs;
  std::string inputs_dir;
  std::string out_file_system;
  std::vector<std::pair<std::string, std::string>> out_options;
  /// The user (and group) to become; zero stays who we are, in a user namespace of its own.
  uid_t user = 0;
  /// Zero: control groups do it.
  std::uint64_t address_space_bytes = 0;
  std::uint64_t processes_max = 0;
  int seccomp = -1;
  int standard_output = -1;
  int standard_error = -1;
  int status = -1;
};

struct Child {
  pid_t pid = -1;
  /// The root of what is mounted at /out. It stays readable after the end of the run.
  UniqueFd out;
};

/// Forks, puts the child into `group`, and returns when bubblewrap has been executed. The calling
/// thread must live until the child has ended: its death kills the child.
Result<Child> start_child(const ChildPlan& plan, const Cgroup& group);

}  // namespace bourse::provider
