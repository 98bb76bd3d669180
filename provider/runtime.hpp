// SPDX-License-Identifier: Apache-2.0
//
// Runtimes: the read-only root file systems that jobs run in. A runtime is named by the digest of
// its tree, so that two providers with equal digests give a job the same world, bit for bit. They
// are built from Debian packages by mmdebstrap and kept in <home>/runtimes/<digest>.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace bourse::provider {

struct Runtime {
  std::string name;
  std::string suite;
  std::vector<std::string> packages;
  Hash digest;

  static constexpr auto fields() {
    // clang-format off
    return std::tuple{
        field("name",     &Runtime::name,     "What people call it."),
        field("suite",    &Runtime::suite,    "The Debian release it was built from."),
        field("packages", &Runtime::packages, "Packages in it beyond the essential ones."),
        field("digest",   &Runtime::digest,   "The digest of its tree; jobs and offers name it.")};
    // clang-format on
  }
};

inline constexpr std::string_view kDefaultSuite = "bookworm";

using Progress = std::function<void(std::string_view line)>;

/// Builds a runtime from the package sources of this host, and adds it in one step: a crash leaves
/// nothing. The digest in `wanted` is not looked at. Takes a minute or so; `progress` gets lines.
/// Errors: bad_runtime, runtime_busy, command_not_found, command_failed, file_error.
Result<Runtime> add_runtime(const std::filesystem::path& home, Runtime wanted,
                            const Progress& progress = {});

/// The second half of that: adds the tree in a tar file.
Result<Runtime> install_runtime(const std::filesystem::path& home, Runtime wanted,
                                const std::filesystem::path& tar);

/// All complete runtimes, by name.
std::vector<Runtime> list_runtimes(const std::filesystem::path& home);
/// `runtime_not_found` when it is not here.
Result<Runtime> find_runtime(const std::filesystem::path& home, const Hash& digest);
std::filesystem::path runtime_rootfs(const std::filesystem::path& home, const Hash& digest);

}  // namespace bourse::provider
