// SPDX-License-Identifier: Apache-2.0
//
// How the `bourse` command ends. Scripts rely on these numbers: docs/cli.md lists them, and none of
// them changes its meaning.
#pragma once

#include <string_view>

namespace bourse::wallet {

enum class ExitCode {
  ok = 0,
  failure = 1,
  usage = 2,
  not_found = 3,
  locked = 4,
  unreachable = 5,
  rejected = 6,
  timeout = 7,
  job_failed = 8,
  interrupted = 130
};

/// The exit code for an error of that kind.
ExitCode exit_code(std::string_view error_kind);

}  // namespace bourse::wallet
