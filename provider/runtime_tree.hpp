// SPDX-License-Identifier: Apache-2.0
//
// What a runtime's digest covers: paths, kinds, executable bits, link targets and contents. Owners,
// times and other permission bits are made equal everywhere, so that they cannot tell two
// runtimes with one digest apart.
#pragma once

#include <filesystem>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace bourse::provider {

/// In seconds: the release of Debian 12. All files get this time.
inline constexpr std::int64_t kSourceDateEpoch = 1'686'355'200;

/// Removes what differs between builds or tells of the host, adds the directories and the user that
/// the sandbox needs, and sets modes and times.
Result<void> canonicalise_tree(const std::filesystem::path& root);

/// Tagged hash `bourse/runtime` over the entries in order of their paths' bytes; each entry is a
/// kind byte, the content's size (8 bytes, big endian) and SHA-256, the path's length (4 bytes,
/// big endian) and the path. Kinds: d directory, l link (its content is the target), f file, x
/// executable file. Anything else in the tree is the error `bad_runtime`.
Result<Hash> tree_digest(const std::filesystem::path& root);

}  // namespace bourse::provider
