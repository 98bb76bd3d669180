// SPDX-License-Identifier: Apache-2.0
//
// Goal: nothing but the JSON profile gets through the one door, and no document crashes it.
// Method: the 316 documents of JSONTestSuite and its two 100,000-deep ones, with the list of valid
// documents that the profile refuses on purpose; then each rule of the guard at its boundary.
#include "base/json.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/vectors.hpp"

namespace bourse {
namespace {

/// Valid JSON that the guard refuses, with the reason.
const std::map<std::string, std::string> kRefusedOnPurpose = {
    {"y_number.json", "json_number"},
    {"y_number_0e+1.json", "json_number"},
    {"y_number_0e1.json", "json_number"},
    {"y_number_double_close_to_zero.json", "json_number"},
    {"y_number_int_with_exp.json", "json_number"},
    {"y_number_real_capital_e.json", "json_number"},
    {"y_number_real_capital_e_neg_exp.json", "json_number"},
    {"y_number_real_capital_e_pos_exp.json", "json_number"},
    {"y_number_real_exponent.json", "json_number"},
    {"y_number_real_fraction_exponent.json", "json_number"},
    {"y_number_real_neg_exp.json", "json_number"},
    {"y_number_real_pos_exponent.json", "json_number"},
    {"y_number_simple_real.json", "json_number"},
    {"y_object_duplicated_key.json", "json_duplicate_key"},
    {"y_object_duplicated_key_and_value.json", "json_duplicate_key"},
    {"y_object_extreme_numbers.json", "json_number"},
    {"y_structure_lonely_negative_real.json", "json_number"},
};

std::string base64_decode(const std::string& text) {
  static const std::string kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(kAlphabet.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

std::string kind_of(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? "" : parsed.error().kind;
}

TEST(Json, JsonTestSuite) {
  std::size_t refused_on_purpose = 0;
  for (const Json& document : test::vector_json("json_parsing.json")) {
    const auto name = document["name"].get<std::string>();
    const std::string text = base64_decode(document["base64"].get<std::string>());
    const std::string kind = kind_of(text);
    if (const auto found = kRefusedOnPurpose.find(name); found != kRefusedOnPurpose.end()) {
      EXPECT_EQ(kind, found->second) << name;
      ++refused_on_purpose;
    } else if (document["expect"] == "accept") {
      EXPECT_EQ(kind, "") << name;
    } else if (document["expect"] == "reject") {
      EXPECT_NE(kind, "") << name;
    }
    // Whatever was accepted can be written and read again.
    if (kind.empty()) {
      EXPECT_EQ(kind_of(dump_json(*parse_json(text))), "") << name;
    }
  }
  EXPECT_EQ(refused_on_purpose, kRefusedOnPurpose.size());
}

TEST(Json, HundredThousandDeep) {
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "[{\"\":";
  EXPECT_EQ(kind_of(std::string(100'000, '[')), "json_too_deep");
  EXPECT_EQ(kind_of(objects), "json_too_deep");
}

TEST(Json, DepthLimit) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_EQ(kind_of(nested(kJsonDepthMax - 1)), "");
  EXPECT_EQ(kind_of(nested(kJsonDepthMax)), "");
  EXPECT_EQ(kind_of(nested(kJsonDepthMax + 1)), "json_too_deep");
  // Side by side is not deep.
  EXPECT_EQ(kind_of("[[[]],[[]],{\"a\":{}},[[]],[[]],[[]],[[]],[[]],[[]],[[]]]"), "");
}

TEST(Json, IntegerRange) {
  EXPECT_EQ(kind_of("18446744073709551615"), "");
  EXPECT_EQ(kind_of("18446744073709551616"), "json_number");
  EXPECT_EQ(kind_of("-9223372036854775808"), "");
  EXPECT_EQ(kind_of("-9223372036854775809"), "json_number");
  EXPECT_EQ(kind_of("1e2"), "json_number");
  EXPECT_EQ(kind_of("1.0"), "json_number");
}

TEST(Json, DuplicateKeys) {
  EXPECT_EQ(kind_of(R"({"a":1,"a":2})"), "json_duplicate_key");
  // The same key, spelled with an escape.
  EXPECT_EQ(kind_of(R"({"a":1,"\u0061":2})"), "json_duplicate_key");
  EXPECT_EQ(kind_of(R"({"a":{"b":1},"b":{"a":1}})"), "");
}

TEST(Json, TextThatIsNotUtf8) {
  EXPECT_EQ(kind_of("\"\xff\""), "json_syntax");
  EXPECT_EQ(kind_of("\"\xc0\xaf\""), "json_syntax");
  // Our own mistake would not throw on the way out.
  EXPECT_EQ(dump_json(Json("\xff")), "\"\xef\xbf\xbd\"");
}

TEST(Json, OneValueAndNothingAfterIt) {
  EXPECT_EQ(kind_of(""), "json_syntax");
  EXPECT_EQ(kind_of("1 2"), "json_syntax");
  EXPECT_EQ(kind_of(std::string_view("1\0", 2)), "json_syntax");
}

}  // namespace
}  // namespace bourse
