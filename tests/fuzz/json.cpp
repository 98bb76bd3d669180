// SPDX-License-Identifier: Apache-2.0
//
// The guard in front of JSON: what it lets in is shallow, and is the same when it is written again.
#include "base/json.hpp"
#include "tests/fuzz/target.hpp"

namespace bourse::fuzz {

namespace {

int depth(const Json& json) {
  int deepest = 0;
  if (json.is_structured()) {
    for (const Json& item : json) deepest = std::max(deepest, depth(item));
    return deepest + 1;
  }
  CHECK(!json.is_number_float());
  return 0;
}

}  // namespace

void one(ByteView data) {
  const auto json = parse_json(as_text(data));
  if (!json) {
    CHECK(!json.error().kind.empty() && json.error().message.size() < 500);
    return;
  }
  CHECK(depth(*json) <= kJsonDepthMax);
  const auto again = parse_json(dump_json(*json));
  CHECK(again && *again == *json);
  CHECK(parse_json(dump_json_pretty(*json)).value() == *json);
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> out;
  for (const std::string text :
       {R"({"a": [1, -2, "three", true, false, null], "b": {"c": "\u00fc\ud800\udd51"}})",
        R"([18446744073709551615, -9223372036854775808, 0, ""])",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
        R"({"jsonrpc": "2.0", "id": 1, "method": "m", "params": {"x": "0x00", "y": "12"}})", "1.5",
        "[1e400]", R"({"a":1,"a":2})", "\"\xff\"", "nul"}) {
    out.emplace_back(text.begin(), text.end());
  }
  return out;
}

}  // namespace bourse::fuzz
