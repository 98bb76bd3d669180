// SPDX-License-Identifier: Apache-2.0
//
// Writing a job's outputs to disk. Their names come from a machine that nobody trusts: nothing is
// written outside the directory, through a link, or over a file that was there before.
//
//   DIR/0/…        what task 0 left in /out
//   DIR/0.stdout   the start of its standard output
//   DIR/0.stderr   the start of its standard error
#pragma once

#include <filesystem>

#include "market/result.hpp"

namespace bourse::wallet {

/// Makes the directory, or takes an empty one. Error kinds: output_dir_not_empty, output_failed.
Result<void> prepare_output_dir(const std::filesystem::path& directory);

/// Error kinds: output_unsafe for a path that leads elsewhere; output_failed.
Result<void> save_task_outputs(const std::filesystem::path& directory, std::uint32_t task,
                               const market::ResultBundle& bundle);

}  // namespace bourse::wallet
