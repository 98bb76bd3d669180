// SPDX-License-Identifier: Apache-2.0
//
// Field tables straight to JSON text: write_json() appends exactly what dump_json(to_json()) gives,
// byte for byte, without a document in between. For answers that are asked for often.
#pragma once

#include <charconv>
#include <utility>

#include "base/json_fields.hpp"

namespace bourse {

/// As a JSON string, quotes and escapes included.
void write_json(std::string& out, std::string_view value, JsonStyle style);

inline void write_json(std::string& out, bool value, JsonStyle) { out += value ? "true" : "false"; }
template <std::integral T>
void write_json(std::string& out, T value, JsonStyle) {
  char digits[24];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  // 64 bits are more than many readers' numbers hold.
  const std::string_view quote = sizeof value == 8 ? "\"" : "";
  out.append(quote).append(digits, static_cast<std::size_t>(end - digits)).append(quote);
}
inline void write_json(std::string& out, const std::string& value, JsonStyle style) {
  write_json(out, std::string_view(value), style);
}
inline void write_json(std::string& out, const Json& value, JsonStyle) { out += dump_json(value); }
inline void write_json(std::string& out, const Bytes& value, JsonStyle) {
  out.append("\"0x").append(to_hex(value)).append("\"");
}
inline void write_json(std::string& out, const Address& value, JsonStyle style) {
  out.append("\"").append(address_text(value, style.network)).append("\"");
}
template <class Tag>
void write_json(std::string& out, Quantity<Tag> value, JsonStyle style) {
  write_json(out, value.value(), style);
}
template <std::size_t N, class Tag>
void write_json(std::string& out, const FixedBytes<N, Tag>& value, JsonStyle) {
  out.append("\"0x").append(to_hex(value.bytes)).append("\"");
}
template <NamedEnum E>
void write_json(std::string& out, E value, JsonStyle) {
  out.append("\"").append(enum_name(value)).append("\"");
}
template <class T>
void write_json(std::string& out, const std::optional<T>& value, JsonStyle style);
template <class T>
void write_json(std::string& out, const std::vector<T>& value, JsonStyle style);
template <class T>
void write_json(std::string& out, const Shared<T>& value, JsonStyle style) {
  write_json(out, *value, style);
}
template <HasFields T>
void write_json(std::string& out, const T& value, JsonStyle style);

template <class T>
void write_json(std::string& out, const std::optional<T>& value, JsonStyle style) {
  if (!value) {
    out += "null";
  } else {
    write_json(out, *value, style);
  }
}
template <class T>
void write_json(std::string& out, const std::vector<T>& value, JsonStyle style) {
  std::string_view before = "[";
  for (const T& item : value) {
    out += before;
    before = ",";
    write_json(out, item, style);
  }
  out += value.empty() ? "[]" : "]";
}

/// The fields' places in the order of their names, which is the order of a document's keys.
template <HasFields T>
constexpr auto fields_by_name() {
  constexpr std::size_t count = field_count<T>();
  std::array<std::string_view, count> names{};
  std::array<std::size_t, count> places{};
  std::size_t next = 0;
  for_each_field_of<T>([&](const auto& field) {
    names[next] = field.name;
    places[next] = next;
    ++next;
  });
  std::ranges::sort(places, {}, [&](std::size_t place) { return names[place]; });
  return places;
}

template <HasFields T>
void write_json(std::string& out, const T& value, JsonStyle style) {
  static constexpr auto kPlaces = fields_by_name<T>();
  const auto fields = T::fields();
  char before = '{';
  const auto write = [&](const auto& field) {
    out += before;
    before = ',';
    out.append("\"").append(field.name).append("\":");
    write_json(out, value.*(field.member), style);
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) { (write(std::get<kPlaces[I]>(fields)), ...); }
  (std::make_index_sequence<kPlaces.size()>());
  if (kPlaces.empty()) out += '{';
  out += '}';
}

}  // namespace bourse
