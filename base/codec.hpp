// SPDX-License-Identifier: Apache-2.0
//
// Field tables to canonical bytes and back. A struct is the array of its fields in table order
// (SPEC 2.1); decode() accepts exactly what encode() writes, to the last byte.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/cbor.hpp"
#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"
#include "base/shared.hpp"

namespace bourse {

inline void write(CborWriter& out, bool value) { out.boolean(value); }
inline void write(CborWriter& out, std::uint8_t value) { out.unsigned_integer(value); }
inline void write(CborWriter& out, std::uint16_t value) { out.unsigned_integer(value); }
inline void write(CborWriter& out, std::uint32_t value) { out.unsigned_integer(value); }
inline void write(CborWriter& out, std::uint64_t value) { out.unsigned_integer(value); }
inline void write(CborWriter& out, std::int32_t value) { out.signed_integer(value); }
inline void write(CborWriter& out, std::int64_t value) { out.signed_integer(value); }
inline void write(CborWriter& out, const std::string& value) { out.text(value); }
inline void write(CborWriter& out, const Bytes& value) { out.byte_string(value); }

template <class Tag>
void write(CborWriter& out, Quantity<Tag> value) {
  out.unsigned_integer(value.value());
}
template <std::size_t N, class Tag>
void write(CborWriter& out, const FixedBytes<N, Tag>& value) {
  out.byte_string(value.bytes);
}
template <NamedEnum E>
void write(CborWriter& out, E value) {
  out.unsigned_integer(static_cast<std::uint64_t>(value));
}
template <class T>
void write(CborWriter& out, const std::optional<T>& value);
template <class T>
void write(CborWriter& out, const std::vector<T>& value);
template <class T>
void write(CborWriter& out, const Shared<T>& value) {
  write(out, *value);
}
template <HasFields T>
void write(CborWriter& out, const T& value);

template <class T>
void write(CborWriter& out, const std::optional<T>& value) {
  if (value) {
    write(out, *value);
  } else {
    out.null();
  }
}
template <class T>
void write(CborWriter& out, const std::vector<T>& value) {
  out.array(value.size());
  for (const T& item : value) write(out, item);
}
template <HasFields T>
void write(CborWriter& out, const T& value) {
  out.array(field_count<T>());
  for_each_field(value, [&](const auto&, const auto& member) { write(out, member); });
}

template <std::unsigned_integral T>
void read(CborReader& in, T& value) {
  const std::uint64_t wide = in.unsigned_integer();
  value = static_cast<T>(wide);
  if (value != wide) in.fail();
}
inline void read(CborReader& in, bool& value) { value = in.boolean(); }
template <std::signed_integral T>
void read(CborReader& in, T& value) {
  const std::int64_t wide = in.signed_integer();
  value = static_cast<T>(wide);
  if (value != wide) in.fail();
}
inline void read(CborReader& in, std::string& value) { value = in.text(); }
inline void read(CborReader& in, Bytes& value) {
  const ByteView view = in.byte_string();
  value.assign(view.begin(), view.end());
}
template <class Tag>
void read(CborReader& in, Quantity<Tag>& value) {
  value = Quantity<Tag>(in.unsigned_integer());
}
template <std::size_t N, class Tag>
void read(CborReader& in, FixedBytes<N, Tag>& value) {
  if (const auto fixed = FixedBytes<N, Tag>::from(in.byte_string())) {
    value = *fixed;
  } else {
    in.fail();
  }
}
template <NamedEnum E>
void read(CborReader& in, E& value) {
  const std::uint64_t number = in.unsigned_integer();
  if (number >= enum_names(E{}).size()) return in.fail();
  value = static_cast<E>(number);
}
template <class T>
void read(CborReader& in, std::optional<T>& value);
template <class T>
void read(CborReader& in, std::vector<T>& value);
/// Most of what is read is known already: only the memory to look for it is needed, and that stays.
template <class T>
void read(CborReader& in, Shared<T>& value) {
  thread_local T own;
  read(in, own);
  value = own;
}
template <HasFields T>
void read(CborReader& in, T& value);

template <class T>
void read(CborReader& in, std::optional<T>& value) {
  if (in.take_null()) {
    value.reset();
  } else {
    read(in, value.emplace());
  }
}
template <class T>
void read(CborReader& in, std::vector<T>& value) {
  // A short message may claim much: no more is asked for in advance than costs nothing.
  constexpr std::uint64_t claim_max = 16;
  const std::uint64_t length = in.array();
  value.clear();
  value.reserve(std::min(length, claim_max));
  for (std::uint64_t i = 0; i < length && in.ok(); ++i) read(in, value.emplace_back());
}
template <HasFields T>
void read(CborReader& in, T& value) {
  if (in.array() != field_count<T>()) return in.fail();
  for_each_field(value, [&](const auto&, auto& member) { read(in, member); });
}

/// `room`: about how many bytes it will be, when that is known and more than a few hundred.
template <class T>
Bytes encode(const T& value, std::size_t room = CborWriter::kRoom) {
  CborWriter out(room);
  write(out, value);
  return out.take();
}

/// The value whose canonical encoding is exactly `data`, or nothing.
template <class T>
std::optional<T> decode(ByteView data) {
  CborReader in(data);
  T value{};
  read(in, value);
  if (!in.finished()) return std::nullopt;
  return value;
}

}  // namespace bourse
