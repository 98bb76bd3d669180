// SPDX-License-Identifier: Apache-2.0
//
// The field table: one list of (name, member, sentence) per struct, from which come its canonical
// bytes, its JSON in both directions, command-line flags, the OpenRPC schema, the reference pages
// and random instances for tests. A struct S has one when `S::fields()` returns
//
//   std::tuple{field("amount", &S::amount, "What is paid."), ...}
//
// in wire order. Forgetting a member fails the build.
#pragma once

#include <boost/pfr.hpp>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace bourse {

template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
  std::string_view doc;
};

template <class Struct, class Member>
constexpr Field<Struct, Member> field(std::string_view name, Member Struct::*member,
                                      std::string_view doc) {
  return {name, member, doc};
}

template <class T>
concept HasFields = requires {
  T::fields();
};

template <HasFields T>
constexpr std::size_t field_count() {
  constexpr std::size_t count = std::tuple_size_v<decltype(T::fields())>;
  static_assert(count == boost::pfr::tuple_size_v<T>, "fields() must list every member");
  return count;
}

/// Calls visit(field, value) for every field of `object`, in wire order.
template <class T, class Visit>
requires HasFields<std::remove_const_t<T>>
constexpr void for_each_field(T& object, Visit&& visit) {
  static_assert(field_count<std::remove_const_t<T>>() <= 64);
  std::apply([&](const auto&... fields) { (visit(fields, object.*(fields.member)), ...); },
             std::remove_const_t<T>::fields());
}

/// Calls visit(field) for every field of T, in wire order.
template <HasFields T, class Visit>
constexpr void for_each_field_of(Visit&& visit) {
  static_assert(field_count<T>() <= 64);
  std::apply([&](const auto&... fields) { (visit(fields), ...); }, T::fields());
}

/// An enum is spelled by its enumerators: `constexpr auto enum_names(E)` beside it returns their
/// names in order, and its values are 0, 1, 2, … without a gap.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  enum_names(e).size();
};

template <NamedEnum E>
constexpr std::string_view enum_name(E value) {
  return enum_names(E{})[static_cast<std::size_t>(value)];
}

}  // namespace bourse
