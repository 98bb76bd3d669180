// SPDX-License-Identifier: Apache-2.0
//
// Goal: a struct has one encoding and nothing else decodes. Method: a struct with a member of every
// kind in random instances; each encoding is cut at every length, lengthened, and changed in every
// bit, and what still decodes must encode to those very bytes.
#include "base/codec.hpp"

#include <gtest/gtest.h>

#include "tests/support/random_fields.hpp"

namespace bourse {
namespace {

enum class Colour : std::uint8_t { red, green, blue };
constexpr auto enum_names(Colour) {
  return std::array<std::string_view, 3>{"red", "green", "blue"};
}

struct Inner {
  Amount amount;
  std::string text;

  static constexpr auto fields() {
    return std::tuple{field("amount", &Inner::amount, "An amount."),
                      field("text", &Inner::text, "A text.")};
  }
};

struct Everything {
  bool flag = false;
  std::uint8_t tiny = 0;
  std::uint16_t small = 0;
  std::uint32_t medium = 0;
  std::uint64_t large = 0;
  std::int32_t number = 0;
  std::int64_t large_number = 0;
  Bytes bytes;
  Hash hash;
  Colour colour{};
  std::optional<std::uint32_t> maybe;
  std::optional<bool> maybe_flag;
  std::vector<Inner> list;
  std::vector<std::vector<std::uint8_t>> nested;
  Inner inner;

  static constexpr auto fields() {
    return std::tuple{field("flag", &Everything::flag, ""),
                      field("tiny", &Everything::tiny, ""),
                      field("small", &Everything::small, ""),
                      field("medium", &Everything::medium, ""),
                      field("large", &Everything::large, ""),
                      field("number", &Everything::number, ""),
                      field("large_number", &Everything::large_number, ""),
                      field("bytes", &Everything::bytes, ""),
                      field("hash", &Everything::hash, ""),
                      field("colour", &Everything::colour, ""),
                      field("maybe", &Everything::maybe, ""),
                      field("maybe_flag", &Everything::maybe_flag, ""),
                      field("list", &Everything::list, ""),
                      field("nested", &Everything::nested, ""),
                      field("inner", &Everything::inner, "")};
  }
};

template <class T>
std::string hex_of(const T& value) {
  return to_hex(encode(value));
}

TEST(Codec, WritesAStructAsTheArrayOfItsFields) {
  EXPECT_EQ(hex_of(Inner{Amount(1000), "hi"}), "821903e8626869");
  EXPECT_EQ(hex_of(Everything{}), std::string("8f") + "f4" + "00000000" + "0000" + "40" + "5820" +
                                      std::string(64, '0') + "00" + "f6f6" + "80" + "80" +
                                      "820060");
}

TEST(Codec, WhatIsWrittenIsReadBack) {
  test::RandomFields random(1);
  for (int i = 0; i < 2000; ++i) {
    const Bytes data = encode(random.make<Everything>());
    const auto read = decode<Everything>(data);
    ASSERT_TRUE(read);
    EXPECT_EQ(encode(*read), data);
  }
}

TEST(Codec, NothingShorterLongerOrDifferentHasTheSameMeaning) {
  test::RandomFields random(2);
  for (int i = 0; i < 20; ++i) {
    Bytes data = encode(random.make<Everything>());
    for (std::size_t cut = 0; cut < data.size(); ++cut) {
      EXPECT_FALSE(decode<Everything>(ByteView(data).first(cut)));
    }
    data.push_back(0);
    EXPECT_FALSE(decode<Everything>(data));
    data.pop_back();
    for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
      data[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      const auto read = decode<Everything>(data);
      EXPECT_TRUE(!read || encode(*read) == data);
      data[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
  }
}

template <class T>
bool reads(const std::string& hex) {
  return decode<T>(*from_hex(hex)).has_value();
}

TEST(Codec, NumbersEndAtTheirWidth) {
  EXPECT_TRUE(reads<std::uint8_t>("18ff"));
  EXPECT_FALSE(reads<std::uint8_t>("190100"));
  EXPECT_TRUE(reads<std::uint16_t>("19ffff"));
  EXPECT_FALSE(reads<std::uint16_t>("1a00010000"));
  EXPECT_TRUE(reads<std::uint32_t>("1affffffff"));
  EXPECT_FALSE(reads<std::uint32_t>("1b0000000100000000"));
  EXPECT_TRUE(reads<std::int32_t>("1a7fffffff"));
  EXPECT_FALSE(reads<std::int32_t>("1a80000000"));
  EXPECT_TRUE(reads<std::int32_t>("3a7fffffff"));
  EXPECT_FALSE(reads<std::int32_t>("3a80000000"));
}

TEST(Codec, KindsAreNotMixed) {
  EXPECT_FALSE(reads<std::uint64_t>("20")) << "a negative number";
  EXPECT_FALSE(reads<bool>("00")) << "a number";
  EXPECT_FALSE(reads<bool>("f6")) << "null";
  EXPECT_FALSE(reads<std::uint64_t>("f6")) << "null where the field is not optional";
  EXPECT_FALSE(reads<std::string>("4161")) << "bytes";
  EXPECT_FALSE(reads<Bytes>("6161")) << "text";
  EXPECT_TRUE(reads<std::optional<bool>>("f6"));
  EXPECT_FALSE(reads<std::optional<bool>>("f7")) << "undefined";
}

TEST(Codec, FixedBytesHaveTheirLength) {
  EXPECT_TRUE(reads<ProviderId>("50" + std::string(32, '0')));
  EXPECT_FALSE(reads<ProviderId>("4f" + std::string(30, '0')));
  EXPECT_FALSE(reads<ProviderId>("51" + std::string(34, '0')));
}

TEST(Codec, EnumsEndAtTheirLastName) {
  EXPECT_TRUE(reads<Colour>("02"));
  EXPECT_FALSE(reads<Colour>("03"));
}

TEST(Codec, AStructHasAllItsFieldsAndNoMore) {
  EXPECT_TRUE(reads<Inner>("820060"));
  EXPECT_FALSE(reads<Inner>("8100"));
  EXPECT_FALSE(reads<Inner>("83006000"));
  EXPECT_FALSE(reads<Inner>("a0"));
}

TEST(Codec, ALongListInAShortMessageIsRefusedAtOnce) {
  EXPECT_FALSE(reads<std::vector<Everything>>("9b7fffffffffffffff"));
  EXPECT_FALSE(reads<std::vector<Inner>>("99ffff820060"));
}

}  // namespace
}  // namespace bourse
