// SPDX-License-Identifier: Apache-2.0
//
// What a replica produces. The digest covers what must agree between replicas: how the program
// ended and the files it wrote. Standard output and error travel with the result but stay outside
// the digest, because harmless chatter differs. SPEC 5.4.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace bourse::market {

/// How the program ended. All but `exited` are limits that the job itself ran into.
enum class Ended : std::uint8_t {
  exited,
  time_limit,
  memory_limit,
  disk_limit,
  process_limit,
  output_refused
};
constexpr auto enum_names(Ended) {
  return std::array<std::string_view, 6>{"exited",     "time_limit",    "memory_limit",
                                         "disk_limit", "process_limit", "output_refused"};
}

struct ResultFile {
  std::string path;
  bool executable = false;
  Bytes content;

  static constexpr auto fields() {
    return std::tuple{
        field("path", &ResultFile::path, "Relative path with / between names."),
        field("executable", &ResultFile::executable, "Whether its owner may execute it."),
        field("content", &ResultFile::content, "The bytes.")};
  }
};

/// The result blob.
struct ResultBundle {
  Ended ended{};
  std::int32_t exit_code = 0;
  std::vector<ResultFile> files;
  Bytes standard_output;
  Bytes standard_error;
  bool output_truncated = false;
  bool error_truncated = false;

  static constexpr auto fields() {
    return std::tuple{
        field("ended", &ResultBundle::ended, "How the program ended."),
        field("exit_code", &ResultBundle::exit_code, "Its exit code; 128 + n after signal n."),
        field("files", &ResultBundle::files, "What it left in /out, sorted by path."),
        field("standard_output", &ResultBundle::standard_output, "The start of standard output."),
        field("standard_error", &ResultBundle::standard_error, "The start of standard error."),
        field("output_truncated", &ResultBundle::output_truncated, "Whether it wrote more."),
        field("error_truncated", &ResultBundle::error_truncated, "Whether it wrote more.")};
  }
};

/// Whether a path may stand in a bundle: relative, no empty, `.` or `..` part, no control
/// characters, at most 255 bytes of UTF-8.
bool is_safe_path(std::string_view path);

/// The bundle in `blob`, when it is one: canonical, with safe paths in strictly ascending order.
/// Error kind: result_malformed.
Result<ResultBundle> decode_bundle(ByteView blob);

/// Tagged hash `bourse/result` of (ended, exit code, [(path, executable, size, SHA-256)]).
Hash result_digest(const ResultBundle& bundle);

/// Tagged hash `bourse/commit` of (assignment, provider, digest, salt). The provider is inside, so
/// a commitment cannot be copied; the salt keeps likely results from being guessed.
Hash commitment(const AssignmentId& assignment, const ProviderId& provider, const Hash& digest,
                const Hash& salt);

}  // namespace bourse::market
