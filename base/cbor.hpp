// SPDX-License-Identifier: Apache-2.0
//
// The deterministic CBOR profile of Bourse (RFC 8949 §4.2, SPEC 2.1): integers to 64 bits, byte
// strings, UTF-8 text, arrays, bool and null, always in the shortest form and of definite length.
// The reader accepts exactly the bytes that the writer would write, so a value has one encoding and
// a transaction one id.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"

namespace bourse {

class CborWriter {
 public:
  /// Most values need no more.
  static constexpr std::size_t kRoom = 256;

  /// `room`: bytes that can be written without moving to a larger place.
  explicit CborWriter(std::size_t room = kRoom) : out_(room) {}

  void unsigned_integer(std::uint64_t value) { head(0, value); }
  void signed_integer(std::int64_t value);
  void byte_string(ByteView value);
  void text(std::string_view value);
  void array(std::uint64_t length) { head(4, length); }
  void boolean(bool value) { byte(value ? 0xf5 : 0xf4); }
  void null() { byte(0xf6); }

  /// What has been written so far.
  ByteView view() const { return ByteView(out_).first(used_); }
  /// Starts over in the same memory: for many small values one after another.
  void clear() { used_ = 0; }
  Bytes take() {
    out_.resize(std::exchange(used_, 0));
    return std::move(out_);
  }

 private:
  void head(std::uint8_t major, std::uint64_t argument);
  void byte(std::uint8_t value) {
    *room(1) = value;
    ++used_;
  }
  void bytes(ByteView value);
  /// Where the next bytes go; there is place for so many.
  std::uint8_t* room(std::size_t size) {
    if (out_.size() - used_ < size) out_.resize(2 * out_.size() + size);
    return out_.data() + used_;
  }

  Bytes out_;  // longer than what is written, so that each write is a store and no insertion
  std::size_t used_ = 0;
};

/// Reads one item after another. The first malformed byte makes `ok()` false for good, and every
/// later read returns an empty value, so callers check once at the end.
class CborReader {
 public:
  explicit CborReader(ByteView data) : rest_(data) {}

  std::uint64_t unsigned_integer() { return argument_of(0); }
  std::int64_t signed_integer();
  ByteView byte_string() { return take(argument_of(2)); }
  std::string_view text();
  std::uint64_t array();
  bool boolean();
  /// True, consuming it, when the next item is null.
  bool take_null();
  /// Passes over one item of any kind, and gives its bytes. Only heads are looked at: whether text
  /// is UTF-8 is for the one who reads it.
  ByteView skip();

  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool finished() const { return ok_ && rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

 private:
  struct Head {
    std::uint8_t major = 0;
    std::uint64_t argument = 0;
  };
  Head head();
  std::uint64_t argument_of(std::uint8_t expected_major) {
    // Most heads are one byte.
    if (ok_ && !rest_.empty() && (rest_[0] ^ expected_major << 5) < 24) {
      const std::uint8_t argument = rest_[0] & 31;
      rest_ = rest_.subspan(1);
      return argument;
    }
    return argument_of_any(expected_major);
  }
  std::uint64_t argument_of_any(std::uint8_t expected_major);
  ByteView take(std::uint64_t length) {
    if (!ok_ || length > rest_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView out = rest_.first(static_cast<std::size_t>(length));
    rest_ = rest_.subspan(static_cast<std::size_t>(length));
    return out;
  }

  ByteView rest_;
  bool ok_ = true;
};

/// Whether `text` is well-formed UTF-8 (RFC 3629: shortest form, no surrogates, to U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace bourse
