// SPDX-License-Identifier: Apache-2.0
//
// Goal: whoever takes the short way gets the same bytes as whoever takes the long one, and
// transactions of a batch reach the engine together.
// Method: every hot method over parameters good and bad, compared with the Dispatcher; mutations of
// all of that; and an engine that counts. tests/fuzz/hot_path.cpp goes further.
#include "rpc/hot_path.hpp"

#include <gtest/gtest.h>

#include "tests/support/backend_rig.hpp"
#include "tests/support/hot_bodies.hpp"

namespace bourse::rpc {
namespace {

class HotPathTest : public ::testing::Test {
 protected:
  HotPathTest() { add_methods(methods_, *rig_.backend); }

  /// The answer of the short way, if it has one.
  std::optional<std::string> hot_answer(const std::string& body) {
    return test::hot_answer(hot_, body);
  }

  test::BackendRig rig_;
  Dispatcher methods_;
  HotPath hot_{*rig_.backend};
};

TEST_F(HotPathTest, SameAnswersAsTheDispatcher) {
  std::size_t hot_ones = 0;
  for (const std::string& body : test::hot_bodies(rig_)) {
    const auto hot = hot_answer(body);
    if (!hot) continue;
    ++hot_ones;
    EXPECT_EQ(hot, methods_.handle(body)) << body;
  }
  EXPECT_GE(hot_ones, 20u);
}

TEST_F(HotPathTest, TakesTheMethodsThatItShould) {
  using Kind = HotPath::Kind;
  PlainBody calls;
  const auto kind_of = [&](const std::string& body) { return hot_.recognise(body, calls); };
  const auto call = [](const std::string& method, const std::string& key) {
    return test::call_text("1", method, R"({")" + key + R"(":"0x00"})");
  };
  EXPECT_EQ(kind_of(call("account_get", "address")), Kind::reads);
  EXPECT_EQ(kind_of(call("market_getOffer", "offer")), Kind::reads);
  EXPECT_EQ(kind_of(call("tx_get", "id")), Kind::reads);
  EXPECT_EQ(kind_of(call("tx_submit", "tx")), Kind::submissions);
  EXPECT_EQ(kind_of(call("tx_submit", "id")), Kind::general);
  EXPECT_EQ(kind_of(call("account_get", "id")), Kind::general);
  EXPECT_EQ(kind_of(call("chain_getBlock", "height")), Kind::general);
  EXPECT_EQ(kind_of("[" + call("tx_get", "id") + "," + call("tx_submit", "tx") + "]"),
            Kind::general);
}

TEST_F(HotPathTest, NothingIsSubmittedWhenOneOfABatchCannotBeRead) {
  const std::string good = test::call_text("1", "tx_submit", R"(["0x00"])");
  const std::string bad = test::call_text("2", "tx_submit", R"(["0x0"])");
  EXPECT_FALSE(hot_answer("[" + good + "," + bad + "]"));
  EXPECT_EQ(rig_.engine.asked(), 0u);
  EXPECT_TRUE(hot_answer("[" + good + "," + good + "]"));
  EXPECT_EQ(rig_.engine.asked(), 2u);
}

TEST_F(HotPathTest, RefusesEveryCallOfABody) {
  const std::string call = test::call_text("\"a\"", "tx_submit", R"(["0x00"])");
  const std::string batch = "[" + call + "," + call + "]";
  PlainBody calls;
  ASSERT_EQ(hot_.recognise(batch, calls), HotPath::Kind::submissions);
  const Json answer = parse_json(HotPath::refuse(calls, RpcError(Error{"busy", "wait"}))).value();
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_EQ(answer[1]["id"], "a");
  EXPECT_EQ(answer[1]["error"]["data"], Json({{"kind", "busy"}, {"retryable", true}}));
}

}  // namespace
}  // namespace bourse::rpc
