// SPDX-License-Identifier: Apache-2.0
//
// Goal: the reader accepts exactly what the writer writes. Method: the examples of RFC 8949
// appendix A, each either read, shown in diagnostic notation and written again, or listed here with
// the reason why our profile refuses it; then every way to write an item that is not the shortest.
#include "base/cbor.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/vectors.hpp"

namespace bourse {
namespace {

using test::unhex;

/// Reads one item whatever it is, writes it again, and shows it. False when the reader refuses.
bool copy_item(CborReader& in, ByteView data, CborWriter& out, std::string& shown) {
  if (in.remaining() == 0) return false;
  const std::uint8_t first = data[data.size() - in.remaining()];
  switch (first >> 5) {
    case 0: {
      const std::uint64_t value = in.unsigned_integer();
      out.unsigned_integer(value);
      shown += std::to_string(value);
      break;
    }
    case 1: {
      const std::int64_t value = in.signed_integer();
      out.signed_integer(value);
      shown += std::to_string(value);
      break;
    }
    case 2: {
      const ByteView value = in.byte_string();
      out.byte_string(value);
      shown += "h'" + to_hex(value) + "'";
      break;
    }
    case 3: {
      const std::string value(in.text());
      out.text(value);
      shown += dump_json(value);
      break;
    }
    case 4: {
      const std::uint64_t length = in.array();
      out.array(length);
      shown += "[";
      for (std::uint64_t i = 0; i < length; ++i) {
        if (i > 0) shown += ", ";
        if (!copy_item(in, data, out, shown)) return false;
      }
      shown += "]";
      break;
    }
    default:
      if (in.take_null()) {
        out.null();
        shown += "null";
      } else {
        const bool value = in.boolean();
        out.boolean(value);
        shown += value ? "true" : "false";
      }
  }
  return in.ok();
}

/// The diagnostic notation of `data` when the reader takes all of it.
std::optional<std::string> accepted(ByteView data, Bytes& written) {
  CborReader in(data);
  CborWriter out;
  std::string shown;
  if (!copy_item(in, data, out, shown) || !in.finished()) return std::nullopt;
  written = out.take();
  return shown;
}

// What appendix A shows and our profile has no use for.
const std::map<std::string, std::set<std::string>> kRefused = {
    {"floats would make equal numbers differ between machines",
     {"f90000",
      "f98000",
      "f93c00",
      "fb3ff199999999999a",
      "f93e00",
      "f97bff",
      "fa47c35000",
      "fa7f7fffff",
      "fb7e37e43c8800759c",
      "f90001",
      "f90400",
      "f9c400",
      "fbc010666666666666",
      "f97c00",
      "f97e00",
      "f9fc00",
      "fa7f800000",
      "fa7fc00000",
      "faff800000",
      "fb7ff0000000000000",
      "fb7ff8000000000000",
      "fbfff0000000000000"}},
    {"tags, bignums among them: the field table says what a value means",
     {"c249010000000000000000", "c349010000000000000000",
      "c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0", "c1fb41d452d9ec200000",
      "d74401020304", "d818456449455446", "d82076687474703a2f2f7777772e6578616d706c652e636f6d"}},
    {"a negative number beyond 64 bits", {"3bffffffffffffffff"}},
    {"simple values other than false, true and null", {"f7", "f0", "f818", "f8ff"}},
    {"maps: a struct is the array of its fields",
     {"a0", "a201020304", "a26161016162820203", "826161a161626163",
      "a56161614161626142616361436164614461656145"}},
    {"indefinite lengths, which give one value many encodings",
     {"5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff",
      "9f01820203820405ff", "83018202039f0405ff", "83019f0203ff820405",
      "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", "bf61610161629f0203ffff",
      "826161bf61626163ff", "bf6346756ef563416d7421ff"}},
};

TEST(Cbor, Rfc8949AppendixA) {
  std::set<std::string> refused;
  for (const auto& [reason, list] : kRefused) refused.insert(list.begin(), list.end());
  std::size_t read = 0;
  for (const Json& vector : test::vector_json("rfc8949_appendix_a.json")) {
    const std::string hex = vector["hex"];
    const Bytes data = unhex(hex);
    Bytes written;
    const auto shown = accepted(data, written);
    EXPECT_EQ(shown.has_value(), !refused.erase(hex)) << hex;
    if (!shown) continue;
    EXPECT_EQ(*shown, vector["diagnostic"]) << hex;
    EXPECT_EQ(to_hex(written), hex);
    ++read;
  }
  EXPECT_TRUE(refused.empty()) << "not in the appendix: " << *refused.begin();
  EXPECT_EQ(read, 31u);
}

TEST(Cbor, OnlyTheShortestHeadIsRead) {
  Bytes ignored;
  for (const char* longer : {
           "1800",
           "1817",
           "190018",
           "1900ff",
           "1a00000100",
           "1a0000ffff",  // unsigned integers
           "1b0000000000000000",
           "1b00000000ffffffff",  //
           "3800",
           "3817",
           "390018",
           "3a0000ffff",
           "3b00000000ffffffff",  // negative ones
           "5800",
           "590001aa",
           "5a00000001aa",
           "5b0000000000000001aa",  // byte strings
           "7800",
           "780161",
           "79000161",  // text
           "9800",
           "980100",
           "99000100",
           "9a0000000100",  // arrays
       }) {
    EXPECT_FALSE(accepted(unhex(longer), ignored)) << longer;
  }
}

TEST(Cbor, HeadsChangeLengthExactlyAtTheLimits) {
  for (const auto& [value, hex] :
       std::map<std::uint64_t, std::string>{{23, "17"},
                                            {24, "1818"},
                                            {0xff, "18ff"},
                                            {0x100, "190100"},
                                            {0xffff, "19ffff"},
                                            {0x10000, "1a00010000"},
                                            {0xffffffff, "1affffffff"},
                                            {0x100000000, "1b0000000100000000"},
                                            {UINT64_MAX, "1bffffffffffffffff"}}) {
    CborWriter out;
    out.unsigned_integer(value);
    EXPECT_EQ(to_hex(out.take()), hex);
  }
}

TEST(Cbor, SignedIntegersReachBothEnds) {
  for (const std::int64_t value :
       {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, INT64_MAX}) {
    CborWriter out;
    out.signed_integer(value);
    const Bytes data = out.take();
    CborReader in(data);
    EXPECT_EQ(in.signed_integer(), value);
    EXPECT_TRUE(in.finished());
  }
  for (const char* beyond : {"1b8000000000000000", "3b8000000000000000", "3bffffffffffffffff"}) {
    const Bytes data = unhex(beyond);
    CborReader in(data);
    EXPECT_EQ(in.signed_integer(), 0);
    EXPECT_FALSE(in.ok()) << beyond;
  }
}

TEST(Cbor, WritesTheSameIntoAnyRoom) {
  const auto write_all = [](CborWriter& out) {
    out.array(300);
    for (std::uint64_t i = 0; i < 60; ++i) {
      out.unsigned_integer(i << i);
      out.byte_string(Bytes(static_cast<std::size_t>(i * i), static_cast<std::uint8_t>(i)));
      out.boolean(i % 2 == 0);
      out.null();
      out.text(std::string(static_cast<std::size_t>(i), 'a'));
    }
  };
  CborWriter plain;
  write_all(plain);
  const Bytes expected(plain.view().begin(), plain.view().end());
  EXPECT_EQ(plain.take(), expected);
  for (const std::size_t room : {0U, 1U, 2U, 9U, 100U, 100'000U}) {
    CborWriter out(room);
    for (int again = 0; again < 2; ++again) {
      out.clear();
      write_all(out);
      EXPECT_TRUE(std::ranges::equal(out.view(), expected)) << room;
    }
    EXPECT_EQ(out.take(), expected) << room;
  }
}

TEST(Cbor, ReservedAndBrokenHeadsAreRefused) {
  Bytes ignored;
  for (int first = 0; first < 256; ++first) {
    const int info = first & 31;
    if (info >= 28) {  // 28 to 30 are reserved, 31 is an indefinite length or a break.
      const Bytes data = {static_cast<std::uint8_t>(first), 0, 0, 0, 0, 0, 0, 0, 0, 0};
      EXPECT_FALSE(accepted(data, ignored)) << first;
    }
  }
  EXPECT_FALSE(accepted({}, ignored));
  EXPECT_FALSE(accepted(unhex("1bffffffffffffff"), ignored));
  EXPECT_FALSE(accepted(unhex("4401020304ff"), ignored)) << "a byte too many";
}

TEST(Cbor, ALongLengthInAShortMessageAsksForNoMemory) {
  Bytes ignored;
  for (const char* hex : {"5bffffffffffffffff", "7b7fffffffffffffff", "9bffffffffffffffff",
                          "9affffffff", "83", "8201"}) {
    EXPECT_FALSE(accepted(unhex(hex), ignored)) << hex;
  }
}

TEST(Cbor, TextIsUtf8) {
  for (const char* good : {"", "plain", "\xc3\xbc", "\xe6\xb0\xb4", "\xf0\x90\x85\x91",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xff", "a\xe6\xb0", "\xe6\x41\xb4"}) {
    EXPECT_FALSE(is_utf8(bad)) << to_hex(as_bytes(bad));
    CborWriter out;
    out.text(bad);
    const Bytes data = out.take();
    CborReader in(data);
    EXPECT_EQ(in.text(), "");
    EXPECT_FALSE(in.ok());
  }
}

TEST(Cbor, SkipsOneItemOfAnyKind) {
  CborWriter writer;
  writer.array(5);
  writer.signed_integer(-300);
  writer.byte_string(Bytes(300));
  writer.text("ab");
  writer.array(1);
  writer.array(0);
  writer.null();
  writer.boolean(true);
  const Bytes data = writer.take();
  const ByteView item = ByteView(data).first(data.size() - 1);
  CborReader reader(data);
  const ByteView skipped = reader.skip();
  EXPECT_EQ(skipped.data(), item.data());
  EXPECT_EQ(skipped.size(), item.size());
  EXPECT_TRUE(reader.boolean() && reader.finished());
  for (std::size_t size = 0; size < item.size(); ++size) {
    CborReader cut(item.first(size));
    EXPECT_TRUE(cut.skip().empty() && !cut.ok()) << size;
  }
  // A map, a tag, a float, `undefined`, an indefinite array; depth is no matter.
  for (const Bytes& bad :
       {Bytes{0xa0}, Bytes{0xc0, 0x01}, Bytes{0xf9, 0, 0}, Bytes{0xf7}, Bytes{0x9f, 0xff},
        Bytes{0x9b, 255, 255, 255, 255, 255, 255, 255, 255}}) {
    CborReader reader_of_bad(bad);
    EXPECT_TRUE(reader_of_bad.skip().empty() && !reader_of_bad.ok());
  }
  // A length that would wrap the count of what is still to come.
  const Bytes wraps{0x82, 0x9b, 255, 255, 255, 255, 255, 255, 255, 255, 0x00};
  EXPECT_TRUE(CborReader(wraps).skip().empty());
  Bytes deep(1'000'000, 0x81);
  deep.back() = 0x80;
  EXPECT_EQ(CborReader(deep).skip().size(), deep.size());
}

TEST(Cbor, AfterTheFirstErrorEverythingIsEmpty) {
  const Bytes data = unhex(
      "f4"
      "05"
      "4101"
      "6161"
      "8100"
      "f6");
  CborReader in(data);
  EXPECT_EQ(in.unsigned_integer(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.unsigned_integer(), 0u);
  EXPECT_EQ(in.signed_integer(), 0);
  EXPECT_TRUE(in.byte_string().empty());
  EXPECT_TRUE(in.text().empty());
  EXPECT_EQ(in.array(), 0u);
  EXPECT_FALSE(in.boolean());
  EXPECT_FALSE(in.take_null());
  EXPECT_FALSE(in.finished());
}

}  // namespace
}  // namespace bourse
