// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

namespace bourse {

std::string to_hex(ByteView view) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out(view.size() * 2, '0');
  for (std::size_t i = 0; i < view.size(); ++i) {
    out[2 * i] = digits[view[i] >> 4];
    out[2 * i + 1] = digits[view[i] & 15];
  }
  return out;
}

namespace {

constexpr std::uint8_t kNoDigit = 0xff;

/// The value of every character as a hex digit.
constexpr auto kDigitValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = 10 + i;
  return values;
}();

}  // namespace

std::optional<Bytes> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  const ByteView text = as_bytes(hex);
  Bytes out(hex.size() / 2);
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t high = kDigitValues[text[2 * i]];
    const std::uint8_t low = kDigitValues[text[2 * i + 1]];
    seen |= high | low;
    out[i] = static_cast<std::uint8_t>(high << 4 | (low & 15));
  }
  // Only what is no digit has any of the upper bits.
  if (seen > 15) return std::nullopt;
  return out;
}

}  // namespace bourse
