// SPDX-License-Identifier: Apache-2.0
//
// Random instances of any struct with a field table, for round trips, random walks and fuzz seeds.
// Numbers lean towards the edges, where encodings change their length and rules their answer. The
// same seed gives the same instances on every machine.
#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/fields.hpp"
#include "base/quantity.hpp"
#include "base/shared.hpp"

namespace bourse::test {

class RandomFields {
 public:
  explicit RandomFields(std::uint64_t seed) : engine_(seed) {}

  /// A number below `bound`.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

  template <std::integral T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = below(2) == 1;
    } else {
      static constexpr std::uint64_t edges[] = {
          0,         1, 23, 24, 255, 256, 65'535, 65'536, 0xffffffff, 0x100000000, UINT64_MAX / 2,
          UINT64_MAX};
      const std::uint64_t wide = chance(50) ? edges[below(std::size(edges))] : engine_();
      value = static_cast<T>(chance(20) ? ~wide : wide);
    }
  }
  void fill(std::string& value) {
    static const std::string pieces[] = {
        "a", "Z", "0", " ", "\"", "\\", "\n", "\xc3\xbc", "\xe6\xb0\xb4", "\xf0\x90\x85\x91"};
    value.clear();
    for (std::uint64_t i = length(); i > 0; --i) value += pieces[below(std::size(pieces))];
  }
  void fill(Bytes& value) {
    value.resize(length());
    for (std::uint8_t& byte : value) byte = static_cast<std::uint8_t>(engine_());
  }
  template <class Tag>
  void fill(Quantity<Tag>& value) {
    value = Quantity<Tag>(make<std::uint64_t>());
  }
  template <std::size_t N, class Tag>
  void fill(FixedBytes<N, Tag>& value) {
    for (std::uint8_t& byte : value.bytes) byte = static_cast<std::uint8_t>(engine_());
  }
  template <NamedEnum E>
  void fill(E& value) {
    value = static_cast<E>(below(enum_names(E{}).size()));
  }
  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (chance(50)) fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& value) {
    value.resize(below(4));
    for (T& item : value) fill(item);
  }
  template <class T>
  void fill(Shared<T>& value) {
    T own;
    fill(own);
    value = std::move(own);
  }
  template <HasFields T>
  void fill(T& value) {
    for_each_field(value, [&](const auto&, auto& member) { fill(member); });
  }

 private:
  /// Mostly short; sometimes long enough for a longer length in front.
  std::uint64_t length() { return chance(10) ? below(300) : below(30); }

  std::mt19937_64 engine_;
};

}  // namespace bourse::test
