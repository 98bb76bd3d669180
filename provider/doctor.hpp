// SPDX-License-Identifier: Apache-2.0
//
// What this machine can and cannot contain, in sentences for the operator.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.hpp"

namespace bourse::provider {

/// `fail`: the agent will not run jobs. `warn`: it will, with a weaker limit or less comfort.
enum class Health : std::uint8_t { ok, warn, fail };
constexpr std::array<std::string_view, 3> enum_names(Health) { return {"ok", "warn", "fail"}; }

struct Check {
  std::string name;
  Health health = Health::ok;
  std::string sentence;

  static constexpr auto fields() {
    return std::tuple{field("name", &Check::name, "What was looked at."),
                      field("health", &Check::health, "ok, warn or fail."),
                      field("sentence", &Check::sentence, "What was found, and what to do.")};
  }
};

/// Looks at everything the sandbox and the runtime builder need. Runs one probe in the sandbox.
std::vector<Check> examine_machine(const std::filesystem::path& home);

/// Whether no check failed.
bool can_run_jobs(const std::vector<Check>& checks);

}  // namespace bourse::provider
