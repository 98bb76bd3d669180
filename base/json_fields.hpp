// SPDX-License-Identifier: Apache-2.0
//
// Field tables to JSON and back (SPEC 2.2): a struct is an object keyed by field name, 64-bit
// integers and amounts are decimal strings, bytes are 0x-hex, addresses bech32m of the network,
// enums their names, absent optionals null. Reading refuses unknown and missing keys by name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bech32m.hpp"
#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/quantity.hpp"
#include "base/shared.hpp"

namespace bourse {

/// What every JSON conversion needs to know: how this chain spells an address.
struct JsonStyle {
  Network network = Network::dev;
};

Error json_error(std::string_view path, std::string message);
/// The decimal number in a JSON string, or in a JSON integer that is not negative.
Result<std::uint64_t> read_u64(const Json& json, std::uint64_t max);
Result<std::int64_t> read_i64(const Json& json, std::int64_t min, std::int64_t max);
Result<Bytes> read_hex(const Json& json);
/// The name in `names` that is closest to `name`, for "did you mean".
std::string nearest_name(std::string_view name, const std::vector<std::string_view>& names);

inline Json to_json(bool value, JsonStyle) { return value; }
inline Json to_json(std::uint8_t value, JsonStyle) { return value; }
inline Json to_json(std::uint16_t value, JsonStyle) { return value; }
inline Json to_json(std::uint32_t value, JsonStyle) { return value; }
inline Json to_json(std::int32_t value, JsonStyle) { return value; }
inline Json to_json(std::uint64_t value, JsonStyle) { return std::to_string(value); }
inline Json to_json(const std::string& value, JsonStyle) { return value; }
inline Json to_json(const Json& value, JsonStyle) { return value; }
inline Json to_json(const Bytes& value, JsonStyle) { return "0x" + to_hex(value); }
inline Json to_json(const Address& value, JsonStyle style) {
  return address_text(value, style.network);
}
template <class Tag>
Json to_json(Quantity<Tag> value, JsonStyle) {
  return std::to_string(value.value());
}
template <std::size_t N, class Tag>
Json to_json(const FixedBytes<N, Tag>& value, JsonStyle) {
  return "0x" + to_hex(value.bytes);
}
template <NamedEnum E>
Json to_json(E value, JsonStyle) {
  return std::string(enum_name(value));
}
template <class T>
Json to_json(const std::optional<T>& value, JsonStyle style);
template <class T>
Json to_json(const std::vector<T>& value, JsonStyle style);
template <class T>
Json to_json(const Shared<T>& value, JsonStyle style) {
  return to_json(*value, style);
}
template <HasFields T>
Json to_json(const T& value, JsonStyle style);

template <class T>
Json to_json(const std::optional<T>& value, JsonStyle style) {
  return value ? to_json(*value, style) : Json(nullptr);
}
template <class T>
Json to_json(const std::vector<T>& value, JsonStyle style) {
  Json out = Json::array();
  for (const T& item : value) out.push_back(to_json(item, style));
  return out;
}
template <HasFields T>
Json to_json(const T& value, JsonStyle style) {
  Json out = Json::object();
  for_each_field(value, [&](const auto& field, const auto& member) {
    out[std::string(field.name)] = to_json(member, style);
  });
  return out;
}

Result<void> from_json(const Json& json, bool& value, JsonStyle style);
Result<void> from_json(const Json& json, std::string& value, JsonStyle style);
Result<void> from_json(const Json& json, Bytes& value, JsonStyle style);
Result<void> from_json(const Json& json, Address& value, JsonStyle style);
inline Result<void> from_json(const Json& json, Json& value, JsonStyle) {
  value = json;
  return {};
}
template <std::unsigned_integral T>
Result<void> from_json(const Json& json, T& value, JsonStyle) {
  TRY_ASSIGN(const std::uint64_t number, read_u64(json, std::numeric_limits<T>::max()));
  value = static_cast<T>(number);
  return {};
}
template <std::signed_integral T>
Result<void> from_json(const Json& json, T& value, JsonStyle) {
  using Limits = std::numeric_limits<T>;
  TRY_ASSIGN(const std::int64_t number, read_i64(json, Limits::min(), Limits::max()));
  value = static_cast<T>(number);
  return {};
}
template <class Tag>
Result<void> from_json(const Json& json, Quantity<Tag>& value, JsonStyle) {
  TRY_ASSIGN(const std::uint64_t number, read_u64(json, UINT64_MAX));
  value = Quantity<Tag>(number);
  return {};
}
template <std::size_t N, class Tag>
Result<void> from_json(const Json& json, FixedBytes<N, Tag>& value, JsonStyle) {
  TRY_ASSIGN(const Bytes bytes, read_hex(json));
  const auto fixed = FixedBytes<N, Tag>::from(bytes);
  if (!fixed) return json_error("", "expected " + std::to_string(N) + " bytes of 0x-hex");
  value = *fixed;
  return {};
}
template <NamedEnum E>
Result<void> from_json(const Json& json, E& value, JsonStyle) {
  const auto names = enum_names(E{});
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (json.is_string() && json.get_ref<const std::string&>() == names[i]) {
      value = static_cast<E>(i);
      return {};
    }
    list += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  return json_error("", "expected one of: " + list);
}
template <class T>
Result<void> from_json(const Json& json, std::optional<T>& value, JsonStyle style);
template <class T>
Result<void> from_json(const Json& json, std::vector<T>& value, JsonStyle style);
template <class T>
Result<void> from_json(const Json& json, Shared<T>& value, JsonStyle style) {
  T own;
  TRY(from_json(json, own, style));
  value = std::move(own);
  return {};
}
template <HasFields T>
Result<void> from_json(const Json& json, T& value, JsonStyle style);

template <class T>
Result<void> from_json(const Json& json, std::optional<T>& value, JsonStyle style) {
  if (json.is_null()) {
    value.reset();
    return {};
  }
  return from_json(json, value.emplace(), style);
}
template <class T>
Result<void> from_json(const Json& json, std::vector<T>& value, JsonStyle style) {
  if (!json.is_array()) return json_error("", "expected an array");
  value.clear();
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (auto item = from_json(json[i], value.emplace_back(), style); !item) {
      return json_error(std::to_string(i), item.error().message);
    }
  }
  return {};
}

template <HasFields T>
std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for_each_field_of<T>([&](const auto& field) { names.push_back(field.name); });
  return names;
}

/// The error of the first key of `json` that is not in `names`; it names the nearest known key.
Result<void> refuse_unknown_keys(const Json& json, const std::vector<std::string_view>& names);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Only optional fields may be missing.
template <HasFields T>
Result<void> from_json(const Json& json, T& value, JsonStyle style) {
  TRY(refuse_unknown_keys(json, field_names<T>()));
  Result<void> result;
  for_each_field(value, [&](const auto& field, auto& member) {
    if (result.has_error()) return;
    const auto found = json.find(std::string(field.name));
    if (found == json.end()) {
      if constexpr (is_optional<std::decay_t<decltype(member)>>) return member.reset();
      result = json_error(field.name, "is missing");
    } else if (auto read = from_json(*found, member, style); !read) {
      result = json_error(field.name, read.error().message);
    }
  });
  return result;
}

}  // namespace bourse
