// SPDX-License-Identifier: Apache-2.0
//
// Goal: exactly the plain bodies are recognised, and their parts are the right ones.
// Method: the forms that clients send, then each way of being unusual, and the limits. That the
// short way answers as the long one does is for hot_path_test.
#include "rpc/plain_call.hpp"

#include <gtest/gtest.h>

#include "rpc/json_rpc.hpp"

namespace bourse::rpc {
namespace {

const std::string kCall = R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"k":"v"}})";

std::optional<PlainBody> read(std::string_view text) {
  PlainBody out;
  if (!read_plain_body(text, out)) return std::nullopt;
  return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST(PlainCall, FormsOfOneCall) {
  for (const char* text :
       {R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"k":"v"}})",
        R"({"params":{"k":"v"},"method":"m","id":7,"jsonrpc":"2.0"})",
        " { \"jsonrpc\" : \"2.0\" ,\t\"id\":7 ,\r\n \"method\": \"m\", \"params\": { \"k\" : "
        "\"v\" } } \n"}) {
    const auto body = read(text);
    ASSERT_TRUE(body) << text;
    EXPECT_FALSE(body->is_batch);
    ASSERT_EQ(body->calls.size(), 1u);
    const PlainCall& call = body->calls[0];
    EXPECT_EQ(call.id, "7");
    EXPECT_EQ(call.method, "m");
    EXPECT_EQ(call.key, "k");
    EXPECT_EQ(call.value, "v");
  }
  const std::string text = replaced(kCall, R"({"k":"v"})", R"([ "v" ])");
  const auto by_place = read(text);
  ASSERT_TRUE(by_place);
  EXPECT_EQ(by_place->calls[0].key, "");
  EXPECT_EQ(by_place->calls[0].value, "v");
}

TEST(PlainCall, Ids) {
  for (const std::string id : {"0", "1", "999999999999999999", "\"\"", "\"a b\""}) {
    const std::string text = replaced(kCall, "7", id);
    const auto body = read(text);
    ASSERT_TRUE(body) << id;
    EXPECT_EQ(body->calls[0].id, id);
  }
  for (const std::string id : {"", "-1", "01", "1.0", "1e3", "1000000000000000000", "null", "true",
                               "[]", "\"", "\"\n\"", "\"\\u0041\"", "\"a\x80\"", "1 2"}) {
    EXPECT_FALSE(read(replaced(kCall, "7", id))) << id;
  }
  EXPECT_TRUE(read(replaced(kCall, "7", '"' + std::string(62, 'x') + '"')));
  EXPECT_FALSE(read(replaced(kCall, "7", '"' + std::string(63, 'x') + '"')));
}

TEST(PlainCall, WhatIsUnusual) {
  for (const auto& [what, with] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"("id":7,)", ""},
           {R"("id":7)", R"("id":7,"id":7)"},
           {R"("id":7)", R"("idx":7)"},
           {R"("id":7)", R"("jsonrpc":"2.0")"},
           {R"("2.0")", R"("1.0")"},
           {R"("2.0")", "2"},
           {R"("m")", R"("")"},
           {R"("m")", "1"},
           {R"({"k":"v"})", "{}"},
           {R"({"k":"v"})", "[]"},
           {R"({"k":"v"})", R"({"":"v"})"},
           {R"({"k":"v"})", R"({"k":1})"},
           {R"({"k":"v"})", R"({"k":null})"},
           {R"({"k":"v"})", R"({"k":"v","l":"v"})"},
           {R"({"k":"v"})", R"(["v","w"])"},
           {R"({"k":"v"})", R"(["v",])"},
           {"}}", "}"},
           {"}}", "},}"},
           {"}}", "}}}"},
           {"{", "{,"},
           {"{", "["}}) {
    EXPECT_FALSE(read(replaced(kCall, what, with))) << what << " -> " << with;
  }
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("\xef\xbb\xbf" + kCall));
  EXPECT_FALSE(read(kCall + std::string(1, '\0')));
  EXPECT_FALSE(read(kCall + kCall));
  for (std::size_t size = 0; size < kCall.size(); ++size) {
    EXPECT_FALSE(read(std::string_view(kCall).substr(0, size))) << size;
  }
}

/// Eight characters are looked at together, so each must be seen at each place among them.
TEST(PlainCall, EveryCharacterAtEveryPlace) {
  for (int c = 0; c < 256; ++c) {
    const bool is_plain = c >= ' ' && c < 0x80 && c != '"' && c != '\\';
    for (std::size_t place = 0; place < 20; ++place) {
      std::string value(20, 'x');
      value[place] = static_cast<char>(c);
      EXPECT_EQ(read(replaced(kCall, "\"v\"", '"' + value + '"')).has_value(), is_plain)
          << c << " at " << place;
    }
  }
}

TEST(PlainCall, Batches) {
  const auto batch_of = [](std::size_t count) {
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? " , " : " ") + kCall;
    return text + "]";
  };
  EXPECT_FALSE(read(batch_of(0)));
  for (const std::size_t count : {std::size_t{1}, kBatchMax - 1, kBatchMax}) {
    const std::string text = batch_of(count);
    const auto body = read(text);
    ASSERT_TRUE(body) << count;
    EXPECT_TRUE(body->is_batch);
    EXPECT_EQ(body->calls.size(), count);
    EXPECT_EQ(body->calls.back().value, "v");
  }
  EXPECT_FALSE(read(batch_of(kBatchMax + 1)));
  EXPECT_FALSE(read(kCall + "," + kCall));
  EXPECT_FALSE(read("[" + kCall + ",]"));
  EXPECT_FALSE(read("[[" + kCall + "]]"));
}

}  // namespace
}  // namespace bourse::rpc
