// SPDX-License-Identifier: Apache-2.0
//
// The job file: what `bourse job run` is asked to run, in TOML. It names local files; the job names
// their hashes. Amounts are decimal strings of BRS and everything else is whole: a float is an
// error, and so is a key that is not known. docs/cli.md lists the keys.
#pragma once

#include <filesystem>
#include <vector>

#include "market/job_spec.hpp"

namespace bourse::wallet {

inline constexpr std::size_t kJobFileBytesMax = 1 << 20;
/// What a node stores in one blob.
inline constexpr std::size_t kInputBytesMax = 64 << 20;

struct JobFile {
  /// Sizes and hashes of the inputs are zero until hash_inputs().
  market::JobSpec spec;
  /// `spec` is zero.
  market::JobTerms terms;
  /// Where the content of each of spec.inputs is.
  std::vector<std::filesystem::path> files;
};

/// Relative file names start at `directory`. Error kind: job_file_invalid, with the line.
Result<JobFile> parse_job_file(std::string_view text, const std::filesystem::path& directory);

/// Reads every input to fill in its size and hash. Error kinds: those of read_file().
Result<void> hash_inputs(JobFile& job);

/// parse_job_file and hash_inputs for a file.
Result<JobFile> load_job_file(const std::filesystem::path& path);

}  // namespace bourse::wallet
