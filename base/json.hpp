// SPDX-License-Identifier: Apache-2.0
//
// The only way into JSON. parse_json() refuses, before any document exists in memory, what has
// crashed or fooled other nodes: nesting over 16, duplicate keys, numbers that are not integers or
// do not fit in 64 bits, and text that is not UTF-8.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.hpp"

namespace bourse {

using Json = nlohmann::json;

inline constexpr int kJsonDepthMax = 16;

/// Error kinds: json_syntax, json_too_deep, json_duplicate_key, json_number.
Result<Json> parse_json(std::string_view text);

/// Compact JSON text. Strings that are not UTF-8 (there should be none) become U+FFFD.
std::string dump_json(const Json& value);
/// The same, indented for people.
std::string dump_json_pretty(const Json& value);

}  // namespace bourse
