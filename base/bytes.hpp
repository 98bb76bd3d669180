// SPDX-License-Identifier: Apache-2.0
//
// Byte strings, fixed and of any length, and their 0x-hex spelling.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bourse {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// N bytes of one meaning: two tags are two types, so a job id never passes for an offer id.
template <std::size_t N, class Tag>
struct FixedBytes {
  static constexpr std::size_t size_bytes = N;
  std::array<std::uint8_t, N> bytes{};

  constexpr const std::uint8_t* data() const { return bytes.data(); }
  constexpr std::uint8_t* data() { return bytes.data(); }
  static constexpr std::size_t size() { return N; }
  bool is_zero() const { return *this == FixedBytes{}; }

  /// The first N bytes of `view`, or nothing when its length is not N.
  static std::optional<FixedBytes> from(ByteView view) {
    if (view.size() != N) return std::nullopt;
    FixedBytes out;
    std::copy(view.begin(), view.end(), out.bytes.begin());
    return out;
  }

  friend bool operator==(const FixedBytes& a, const FixedBytes& b) {
    return std::memcmp(a.data(), b.data(), N) == 0;
  }
  /// In the order of the bytes. Ids are compared all the time and nearly always differ in their
  /// first word, for which a call of memcmp is too much.
  friend std::strong_ordering operator<=>(const FixedBytes& a, const FixedBytes& b) {
    if constexpr (N >= 8) {
      const std::uint64_t head_a = a.head();
      const std::uint64_t head_b = b.head();
      if (head_a != head_b) return head_a <=> head_b;
    }
    return std::memcmp(a.data(), b.data(), N) <=> 0;
  }

 private:
  /// The first eight bytes as a big-endian number.
  std::uint64_t head() const {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return __builtin_bswap64(word);
  }
};

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

/// Lower-case hex without a prefix.
std::string to_hex(ByteView view);

/// Bytes of a hex string of even length, either case, without a prefix; otherwise nothing.
std::optional<Bytes> from_hex(std::string_view hex);

inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

}  // namespace bourse
