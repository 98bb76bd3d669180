// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

namespace bourse {

void write_json(std::string& out, std::string_view value, JsonStyle) {
  const bool is_plain = std::ranges::all_of(
      value, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (is_plain) {
    out.append("\"").append(value).append("\"");
  } else {
    out += dump_json(Json(value));
  }
}

}  // namespace bourse
