// SPDX-License-Identifier: Apache-2.0
//
// Running a trusted tool of the host (mmdebstrap, tar, mkfs.ext4) to its end. Jobs are never run
// this way; they go through the sandbox.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bourse::provider {

/// Runs `command` (a name is looked up in PATH and the sbin directories) with `environment` added
/// to the agent's own, and passes each line of its output to `on_line`. Anything but exit code 0 is
/// the error `command_failed` with its last lines.
Result<void> run_command(const std::vector<std::string>& command,
                         const std::vector<std::string>& environment = {},
                         const std::function<void(std::string_view)>& on_line = {});

/// Whether a tool of this name can be run.
bool command_exists(const std::string& name);

}  // namespace bourse::provider
