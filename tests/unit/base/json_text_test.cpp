// SPDX-License-Identifier: Apache-2.0
//
// Goal: text written straight from a field table is what the document would give, byte for byte.
// Method: a struct with a member of every kind in random instances, and the texts that need
// escapes. The records of the market are in hot_path_test.
#include "base/json_text.hpp"

#include <gtest/gtest.h>

#include "tests/support/random_fields.hpp"

namespace bourse {
namespace {

enum class Colour : std::uint8_t { red, green };
constexpr auto enum_names(Colour) { return std::array<std::string_view, 2>{"red", "green"}; }

struct Empty {
  static constexpr auto fields() { return std::tuple{}; }
};

struct Inner {
  std::uint16_t z = 0;
  std::int32_t a = 0;
  static constexpr auto fields() {
    return std::tuple{field("z", &Inner::z, ""), field("a", &Inner::a, "")};
  }
};

struct Everything {
  std::uint8_t small = 0;
  bool flag = false;
  std::uint32_t number = 0;
  std::uint64_t large = 0;
  std::string text;
  Bytes bytes;
  Address address;
  Amount amount;
  Hash hash;
  Colour colour{};
  std::optional<Inner> maybe;
  std::vector<Inner> list;
  std::vector<std::string> texts;
  Empty empty;

  static constexpr auto fields() {
    using E = Everything;
    return std::tuple{field("small", &E::small, ""),     field("flag", &E::flag, ""),
                      field("number", &E::number, ""),   field("large", &E::large, ""),
                      field("text", &E::text, ""),       field("bytes", &E::bytes, ""),
                      field("address", &E::address, ""), field("amount", &E::amount, ""),
                      field("hash", &E::hash, ""),       field("colour", &E::colour, ""),
                      field("maybe", &E::maybe, ""),     field("list", &E::list, ""),
                      field("texts", &E::texts, ""),     field("empty", &E::empty, "")};
  }
};

template <class T>
std::string written(const T& value) {
  std::string out;
  write_json(out, value, JsonStyle{});
  return out;
}

TEST(JsonText, SameAsTheDocument) {
  test::RandomFields random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto value = random.make<Everything>();
    ASSERT_EQ(written(value), dump_json(to_json(value, JsonStyle{})));
  }
  EXPECT_EQ(written(Empty{}), "{}");
}

TEST(JsonText, Escapes) {
  for (int c = 0; c < 256; ++c) {
    const std::string text = std::string("a") + static_cast<char>(c);
    EXPECT_EQ(written(text), dump_json(Json(text))) << c;
  }
}

}  // namespace
}  // namespace bourse
