// SPDX-License-Identifier: Apache-2.0
//
// Field tables to lines for people: amounts in BRS, times in UTC, one row per field. Every record
// and every operation is shown from its own table, so nothing that is signed can be left out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json_fields.hpp"

namespace bourse::wallet {

/// Pairs of a label and a text.
using Rows = std::vector<std::pair<std::string, std::string>>;

std::string show(Amount amount, JsonStyle style);
std::string show(DurationMs span, JsonStyle style);
/// UTC; "-" for zero, which stands for never.
std::string show(TimeMs time, JsonStyle style);
std::string show(bool value, JsonStyle style);
/// On one line, whatever it holds.
std::string show(const std::string& text, JsonStyle style);
std::string show(const Bytes& bytes, JsonStyle style);

template <class T>
std::string show(const T& value, JsonStyle style) {
  const Json json = to_json(value, style);
  return json.is_string() ? json.get<std::string>() : dump_json(json);
}
template <class T>
std::string show(const std::optional<T>& value, JsonStyle style) {
  return value ? show(*value, style) : "-";
}
template <class T>
std::string show(const std::vector<T>& value, JsonStyle style) {
  std::string out;
  for (const T& item : value) out += (out.empty() ? "" : ", ") + show(item, style);
  return out.empty() ? "-" : out;
}

template <class T>
std::string show(const Shared<T>& value, JsonStyle style) {
  return show(*value, style);
}

/// Appends a row for each field of `value`; those of nested structs have dotted labels.
template <HasFields T>
void add_rows(Rows& rows, const std::string& prefix, const T& value, JsonStyle style) {
  for_each_field(value, [&]<class Member>(const auto& field, const Member& member) {
    const std::string label = prefix + std::string(field.name);
    if constexpr (HasFields<Member>) {
      add_rows(rows, label + ".", member, style);
    } else {
      rows.emplace_back(label, show(member, style));
    }
  });
}

/// The rows under each other, with the texts in one column.
std::string aligned(const Rows& rows, std::size_t indent);

}  // namespace bourse::wallet
