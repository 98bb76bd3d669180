// SPDX-License-Identifier: Apache-2.0
#include "base/json_fields.hpp"

#include <charconv>

namespace bourse {

Error json_error(std::string_view path, std::string message) {
  if (path.empty()) return Error{"json_field", std::move(message)};
  return Error{"json_field", std::string(path) + ": " + message};
}

namespace {

/// Strict decimal: no sign but a leading minus, no blanks, no leading zero.
template <class Number>
std::optional<Number> parse_decimal(const std::string& text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, number);
  if (status != std::errc{} || stop != end || std::to_string(number) != text) return std::nullopt;
  return number;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

}  // namespace

Result<std::uint64_t> read_u64(const Json& json, std::uint64_t max) {
  std::optional<std::uint64_t> number;
  if (json.is_number_unsigned()) {
    number = json.get<std::uint64_t>();
  } else if (json.is_number_integer() && json.get<std::int64_t>() >= 0) {
    // A document that was not made from JSON text stores positive numbers as signed.
    number = json.get<std::uint64_t>();
  }
  if (json.is_string()) number = parse_decimal<std::uint64_t>(json.get_ref<const std::string&>());
  if (!number || *number > max) {
    return json_error("", "expected a whole number from 0 to " + std::to_string(max));
  }
  return *number;
}

Result<std::int64_t> read_i64(const Json& json, std::int64_t min, std::int64_t max) {
  std::optional<std::int64_t> number;
  if (json.is_number_unsigned() && json.get<std::uint64_t>() <= INT64_MAX) {
    number = json.get<std::int64_t>();
  } else if (json.is_number_integer() && !json.is_number_unsigned()) {
    number = json.get<std::int64_t>();
  } else if (json.is_string()) {
    number = parse_decimal<std::int64_t>(json.get_ref<const std::string&>());
  }
  if (!number || *number < min || *number > max) {
    return json_error(
        "", "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return *number;
}

Result<Bytes> read_hex(const Json& json) {
  if (json.is_string()) {
    const std::string_view text = json.get_ref<const std::string&>();
    if (text.starts_with("0x")) {
      if (auto bytes = from_hex(text.substr(2))) return std::move(*bytes);
    }
  }
  return json_error("", "expected 0x-hex");
}

std::string nearest_name(std::string_view name, const std::vector<std::string_view>& names) {
  std::string best;
  std::size_t best_distance = SIZE_MAX;
  const std::string_view start = name.substr(0, 64);
  for (const std::string_view candidate : names) {
    const std::size_t distance = edit_distance(start, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

Result<void> refuse_unknown_keys(const Json& json, const std::vector<std::string_view>& names) {
  if (!json.is_object()) return json_error("", "expected an object");
  for (const auto& [key, value] : json.items()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    std::string message = "unknown key \"" + key.substr(0, 64) + "\"";
    if (!names.empty()) message += "; did you mean \"" + nearest_name(key, names) + "\"?";
    return json_error("", message);
  }
  return {};
}

Result<void> from_json(const Json& json, bool& value, JsonStyle) {
  if (!json.is_boolean()) return json_error("", "expected true or false");
  value = json.get<bool>();
  return {};
}

Result<void> from_json(const Json& json, std::string& value, JsonStyle) {
  if (!json.is_string()) return json_error("", "expected a string");
  value = json.get<std::string>();
  return {};
}

Result<void> from_json(const Json& json, Bytes& value, JsonStyle) {
  TRY_ASSIGN(value, read_hex(json));
  return {};
}

Result<void> from_json(const Json& json, Address& value, JsonStyle style) {
  if (!json.is_string()) return json_error("", "expected an address");
  TRY_ASSIGN(value, parse_address(json.get_ref<const std::string&>(), style.network));
  return {};
}

}  // namespace bourse
