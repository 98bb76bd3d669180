// SPDX-License-Identifier: Apache-2.0
//
// Collecting what a job left in /out. The job is hostile: it may leave links to the host's files,
// fifos that block a reader, hard links, huge trees, and names that no one can store. Only regular
// files with one link are results; everything else refuses the whole run, with the path and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace bourse::provider {

struct OutputFile {
  /// Relative to /out, with `/` between names.
  std::string path;
  bool executable = false;
  std::uint64_t size = 0;
  Hash sha256;
  Bytes content;
};

struct OutputCaps {
  std::uint64_t bytes_max = 0;
  std::uint32_t files_max = 0;
};

inline constexpr std::size_t kOutputPathBytesMax = 255;

struct CollectedOutputs {
  /// Sorted by path; empty when refused.
  std::vector<OutputFile> files;
  /// Why the outputs are no result; empty when they are one.
  std::string refused;
};

/// Reads the tree below an open directory, which no process of the job can change any more.
/// Directories leave no trace but the paths of their files; there may be files_max of them too.
CollectedOutputs collect_outputs(int directory, const OutputCaps& caps);

}  // namespace bourse::provider
