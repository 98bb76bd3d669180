// SPDX-License-Identifier: Apache-2.0
//
// What is mounted at /out: a file system whose size is the job's disk limit, so that the kernel and
// not a watcher says "disk full". Root with loop devices gets an ext4 image, on disk; anyone else a
// tmpfs, in memory. Both are mounted in the private mount namespace of the run and are gone with
// it, also when the agent is killed; the agent reads the outputs through a descriptor of the mount.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace bourse::provider {

struct OutArea {
  std::string file_system;
  /// For fsconfig(2); an option without a value is a flag.
  std::vector<std::pair<std::string, std::string>> options;
  /// To be closed after mounting: the kernel frees the loop device with its last user.
  UniqueFd loop;
};

/// An ext4 image with a root directory owned by `user`. It has no name in `scratch_dir` any more
/// when this returns, so that nothing has to be cleaned up after it.
Result<OutArea> out_area_on_disk(const std::filesystem::path& scratch_dir, std::uint64_t mib,
                                 uid_t user);
OutArea out_area_in_memory(std::uint64_t mib);

/// Whether the file system of an open directory has no room or no inodes left.
bool is_full(int directory);

}  // namespace bourse::provider
