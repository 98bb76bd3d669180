// SPDX-License-Identifier: Apache-2.0
#include "base/cbor.hpp"

#include <algorithm>
#include <boost/endian/conversion.hpp>

namespace bourse {

void CborWriter::head(std::uint8_t major, std::uint64_t argument) {
  const auto first = static_cast<std::uint8_t>(major << 5);
  if (argument < 24) return byte(static_cast<std::uint8_t>(first | argument));
  // The information 24 to 27 says that the argument follows in 1, 2, 4 or 8 bytes.
  const unsigned width = argument <= 0xff         ? 0
                         : argument <= 0xffff     ? 1
                         : argument <= 0xffffffff ? 2
                                                  : 3;
  const std::size_t length = std::size_t{1} << width;
  std::uint8_t* const item = room(1 + sizeof argument);
  item[0] = static_cast<std::uint8_t>(first | (24 + width));
  boost::endian::store_big_u64(item + 1, argument << (64 - 8 * length));
  used_ += 1 + length;
}

void CborWriter::bytes(ByteView value) {
  std::copy(value.begin(), value.end(), room(value.size()));
  used_ += value.size();
}

void CborWriter::signed_integer(std::int64_t value) {
  // A negative n is written as major type 1 with the argument -1 - n, which is ~n.
  if (value < 0) {
    head(1, ~static_cast<std::uint64_t>(value));
  } else {
    head(0, static_cast<std::uint64_t>(value));
  }
}

void CborWriter::byte_string(ByteView value) {
  head(2, value.size());
  bytes(value);
}

void CborWriter::text(std::string_view value) {
  head(3, value.size());
  bytes(as_bytes(value));
}

CborReader::Head CborReader::head() {
  const ByteView first = take(1);
  if (!ok_) return {};
  const auto major = static_cast<std::uint8_t>(first[0] >> 5);
  const auto info = static_cast<std::uint8_t>(first[0] & 31);
  if (info < 24) return {major, info};
  if (info > 27) {  // Reserved values and indefinite lengths are outside the profile.
    ok_ = false;
    return {};
  }
  const std::size_t length = std::size_t{1} << (info - 24);
  std::uint64_t argument = 0;
  if (rest_.size() >= sizeof argument) {
    argument = boost::endian::load_big_u64(rest_.data()) >> (64 - 8 * length);
    rest_ = rest_.subspan(length);
  } else {
    for (const std::uint8_t byte : take(length)) argument = argument << 8 | byte;
  }
  static constexpr std::uint64_t shortest[] = {24, 0x100, 0x10000, 0x100000000};
  if (argument < shortest[info - 24]) ok_ = false;
  return {major, argument};
}

std::uint64_t CborReader::argument_of_any(std::uint8_t expected_major) {
  const Head item = head();
  if (item.major != expected_major) ok_ = false;
  return ok_ ? item.argument : 0;
}

std::int64_t CborReader::signed_integer() {
  const Head item = head();
  if (item.major > 1 || item.argument > static_cast<std::uint64_t>(INT64_MAX)) ok_ = false;
  if (!ok_) return 0;
  const auto magnitude = static_cast<std::int64_t>(item.argument);
  return item.major == 0 ? magnitude : -1 - magnitude;
}

std::string_view CborReader::text() {
  const std::string_view out = as_text(take(argument_of(3)));
  if (!is_utf8(out)) ok_ = false;
  return ok_ ? out : std::string_view{};
}

std::uint64_t CborReader::array() {
  const std::uint64_t length = argument_of(4);
  // Every element takes at least one byte, so a longer array cannot be complete; refusing it here
  // keeps a short message from asking for a huge allocation.
  if (length > rest_.size()) ok_ = false;
  return ok_ ? length : 0;
}

bool CborReader::boolean() {
  const ByteView byte = take(1);
  if (!ok_ || (byte[0] != 0xf4 && byte[0] != 0xf5)) {
    ok_ = false;
    return false;
  }
  return byte[0] == 0xf5;
}

bool CborReader::take_null() {
  if (!ok_ || rest_.empty() || rest_[0] != 0xf6) return false;
  rest_ = rest_.subspan(1);
  return true;
}

ByteView CborReader::skip() {
  const ByteView start = rest_;
  // Items that are still to come; arrays add theirs, so that depth costs nothing.
  std::uint64_t pending = 1;
  while (pending > 0 && ok_) {
    --pending;
    const Head item = head();
    if (item.major == 2 || item.major == 3) {
      take(item.argument);
    } else if (item.major == 4) {
      // Every item takes at least one byte.
      if (item.argument > rest_.size()) ok_ = false;
      pending += item.argument;
    } else if (item.major > 4 && (item.major != 7 || item.argument < 20 || item.argument > 22)) {
      ok_ = false;
    }
  }
  return ok_ ? start.first(start.size() - rest_.size()) : ByteView{};
}

bool is_utf8(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  for (std::size_t i = 0; i < bytes.size();) {
    const std::uint8_t lead = bytes[i++];
    if (lead < 0x80) continue;
    const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4) return false;
    std::uint32_t point = lead & (0x3fU >> more);
    for (int k = 0; k < more; ++k) {
      if (i >= bytes.size() || (bytes[i] & 0xc0) != 0x80) return false;
      point = point << 6 | (bytes[i++] & 0x3fU);
    }
    const std::uint32_t least = more == 1 ? 0x80U : more == 2 ? 0x800U : 0x10000U;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
  }
  return true;
}

}  // namespace bourse
