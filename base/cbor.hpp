// SPDX-License-Identifier: Apache-2.0
//
// The deterministic CBOR profile of Bourse (RFC 8949 §4.2, SPEC 2.1): integers to 64 bits, byte
// strings, UTF-8 text, arrays, bool and null, always in the shortest form and of definite length.
// The reader accepts exactly the bytes that the writer would write, so a value has one encoding and
// a transaction one id.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace bourse {

class CborWriter {
 public:
  void unsigned_integer(std::uint64_t value) { head(0, value); }
  void signed_integer(std::int64_t value);
  void byte_string(ByteView value);
  void text(std::string_view value);
  void array(std::uint64_t length) { head(4, length); }
  void boolean(bool value) { out_.push_back(value ? 0xf5 : 0xf4); }
  void null() { out_.push_back(0xf6); }

  /// What has been written so far.
  ByteView view() const { return out_; }
  /// Starts over in the same memory: for many small values one after another.
  void clear() { out_.clear(); }
  Bytes take() { return std::move(out_); }

 private:
  void head(std::uint8_t major, std::uint64_t argument);
  Bytes out_;
};

/// Reads one item after another. The first malformed byte makes `ok()` false for good, and every
/// later read returns an empty value, so callers check once at the end.
class CborReader {
 public:
  explicit CborReader(ByteView data) : rest_(data) {}

  std::uint64_t unsigned_integer();
  std::int64_t signed_integer();
  ByteView byte_string();
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
  std::uint64_t argument_of(std::uint8_t expected_major);
  ByteView take(std::uint64_t length);

  ByteView rest_;
  bool ok_ = true;
};

/// Whether `text` is well-formed UTF-8 (RFC 3629: shortest form, no surrogates, to U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace bourse
