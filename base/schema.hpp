// SPDX-License-Identifier: Apache-2.0
//
// Field tables to JSON Schema, for the OpenRPC document: what to_json() writes and from_json()
// reads, said to programs.
#pragma once

#include "base/json_fields.hpp"

namespace bourse {

template <class T>
Json json_schema();

namespace schema {

inline Json text(std::string_view pattern, std::string_view doc) {
  return {{"type", "string"}, {"pattern", pattern}, {"description", doc}};
}

template <class T>
struct Of {
  static Json make() {
    if constexpr (std::is_same_v<T, bool>) {
      return {{"type", "boolean"}};
    } else if constexpr (std::is_same_v<T, std::string>) {
      return {{"type", "string"}};
    } else if constexpr (std::is_same_v<T, Json>) {
      return Json::object();
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      return text("^(0|[1-9][0-9]*)$", "decimal 64-bit integer");
    } else if constexpr (std::is_integral_v<T>) {
      return {{"type", "integer"}};
    } else if constexpr (NamedEnum<T>) {
      Json names = Json::array();
      for (const std::string_view name : enum_names(T{})) names.push_back(std::string(name));
      return {{"enum", names}};
    } else {
      static_assert(HasFields<T>, "no schema for this type");
      Json properties = Json::object();
      Json required = Json::array();
      for_each_field_of<T>([&]<class S, class M>(const Field<S, M>& field) {
        Json member = json_schema<M>();
        member["description"] = std::string(field.doc);
        properties[std::string(field.name)] = std::move(member);
        if (!is_optional<M>) required.push_back(std::string(field.name));
      });
      return {{"type", "object"},
              {"properties", properties},
              {"required", required},
              {"additionalProperties", false}};
    }
  }
};
template <class Tag>
struct Of<Quantity<Tag>> {
  static Json make() { return Of<std::uint64_t>::make(); }
};
template <std::size_t N, class Tag>
struct Of<FixedBytes<N, Tag>> {
  static Json make() {
    return text("^0x[0-9a-f]{" + std::to_string(2 * N) + "}$", std::to_string(N) + " bytes");
  }
};
template <>
struct Of<Address> {
  static Json make() { return text("^brs[td]?1[0-9a-z]+$", "bech32m address"); }
};
template <class T>
struct Of<std::optional<T>> {
  static Json make() { return {{"anyOf", {json_schema<T>(), {{"type", "null"}}}}}; }
};
template <class T>
struct Of<std::vector<T>> {
  static Json make() { return {{"type", "array"}, {"items", json_schema<T>()}}; }
};
template <class T>
struct Of<Shared<T>> {
  static Json make() { return json_schema<T>(); }
};
template <>
struct Of<Bytes> {
  static Json make() { return text("^0x([0-9a-f]{2})*$", "bytes"); }
};

}  // namespace schema

/// The JSON Schema of a T.
template <class T>
Json json_schema() {
  return schema::Of<T>::make();
}

}  // namespace bourse
