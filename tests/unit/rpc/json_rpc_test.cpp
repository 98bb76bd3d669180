// SPDX-License-Identifier: Apache-2.0
//
// Goal: JSON-RPC 2.0 to the letter, and every refusal typed.
// Method: every exchange of section 7 of the specification, then the places where implementations
// differ: ids, notifications, batch limits, parameters by position, what handlers may do wrong.
#include "rpc/json_rpc.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/vectors.hpp"

namespace bourse::rpc {
namespace {

Dispatcher make_dispatcher() {
  Dispatcher methods;
  methods.add("subtract", {"minuend", "subtrahend"}, [](const Json& p) -> RpcResult {
    return Json(p["minuend"].get<int>() - p["subtrahend"].get<int>());
  });
  methods.add("sum", {"a", "b", "c"}, [](const Json& p) -> RpcResult {
    return Json(p["a"].get<int>() + p["b"].get<int>() + p["c"].get<int>());
  });
  methods.add("update", {"a", "b", "c", "d", "e"},
              [](const Json&) -> RpcResult { return Json(nullptr); });
  methods.add("notify_hello", {"who"}, [](const Json&) -> RpcResult { return Json(1); });
  methods.add("notify_sum", {"a", "b", "c"}, [](const Json&) -> RpcResult { return Json(1); });
  methods.add("get_data", {}, [](const Json&) -> RpcResult { return Json{"hello", 5}; });
  methods.add("echo", {"first", "second"}, [](const Json& p) -> RpcResult { return p; });
  methods.add("fail", {}, [](const Json&) -> RpcResult {
    return RpcError(Error{"insufficient_funds", "there is not enough money"});
  });
  methods.add("throw", {}, [](const Json&) -> RpcResult { throw std::runtime_error("secret"); });
  methods.add("large", {"size"}, [](const Json& p) -> RpcResult {
    return Json(std::string(p["size"].get<std::size_t>(), 'x'));
  });
  return methods;
}

const Dispatcher& dispatcher() {
  static const Dispatcher methods = make_dispatcher();
  return methods;
}

std::optional<Json> ask(const std::string& body) {
  const auto text = dispatcher().handle(body);
  if (!text) return std::nullopt;
  return parse_json(*text).value();
}

Json ask_one(const Json& request) { return ask(dump_json(request)).value(); }

std::string kind_of(const Json& answer) { return answer["error"]["data"]["kind"]; }

/// What the vectors leave free: the text of errors and their data.
Json without_free_parts(Json answer) {
  if (answer.is_array()) {
    for (Json& item : answer) item = without_free_parts(item);
    return answer;
  }
  if (answer.contains("error")) answer["error"] = {{"code", answer["error"]["code"]}};
  return answer;
}

TEST(JsonRpc, EveryExchangeOfTheSpecification) {
  for (const Json& exchange : test::vector_json("jsonrpc2.json")) {
    const auto sent = exchange["send"].get<std::string>();
    const auto answer = ask(sent);
    if (exchange["receive"].is_null()) {
      EXPECT_FALSE(answer) << sent;
    } else {
      ASSERT_TRUE(answer) << sent;
      EXPECT_EQ(without_free_parts(*answer), exchange["receive"]) << sent;
    }
  }
}

TEST(JsonRpc, Ids) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"get_data","id":null})").value()["id"], Json());
  EXPECT_EQ(ask_one({{"jsonrpc", "2.0"}, {"method", "get_data"}, {"id", "x"}})["id"], "x");
  EXPECT_EQ(ask_one({{"jsonrpc", "2.0"}, {"method", "get_data"}, {"id", -7}})["id"], -7);
  for (const Json& id : {Json(true), Json::array(), Json::object()}) {
    const Json answer = ask_one({{"jsonrpc", "2.0"}, {"method", "get_data"}, {"id", id}});
    EXPECT_EQ(answer["error"]["code"], kInvalidRequest);
    EXPECT_EQ(answer["id"], Json());
  }
  // A request that is wrong in another way keeps its id.
  EXPECT_EQ(ask(R"({"jsonrpc":"1.0","method":"get_data","id":5})").value()["id"], 5);
}

TEST(JsonRpc, NotificationsAreNeverAnswered) {
  for (const char* method : {"get_data", "nothing", "fail", "throw"}) {
    EXPECT_FALSE(ask(dump_json({{"jsonrpc", "2.0"}, {"method", method}}))) << method;
  }
  EXPECT_FALSE(ask(R"([{"jsonrpc":"2.0","method":"echo","params":[1,2,3]}])"));
}

TEST(JsonRpc, Envelope) {
  for (const char* body :
       {R"({"method":"get_data","id":1})", R"({"jsonrpc":2.0,"method":"get_data","id":1})",
        R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","method":"echo","params":null,"id":1})",
        R"({"jsonrpc":"2.0","method":"echo","params":"a","id":1})", "1", "\"a\"", "null"}) {
    const Json answer = ask(body).value();
    // A float anywhere is refused by the JSON guard already.
    const bool is_float = std::string_view(body).find("2.0,") != std::string_view::npos;
    EXPECT_EQ(answer["error"]["code"], is_float ? kParseError : kInvalidRequest) << body;
    EXPECT_TRUE(answer["error"]["data"]["retryable"].is_boolean()) << body;
  }
}

TEST(JsonRpc, GuardRefusalsAreParseErrors) {
  EXPECT_EQ(kind_of(ask(std::string(100'000, '[')).value()), "json_too_deep");
  EXPECT_EQ(kind_of(ask(R"({"id":1,"id":2})").value()), "json_duplicate_key");
  EXPECT_EQ(kind_of(ask("[1.5]").value()), "json_number");
  EXPECT_EQ(ask("[1.5]").value()["error"]["code"], kParseError);
}

TEST(JsonRpc, ParametersByPositionBecomeNames) {
  const auto echo = [](Json params) {
    return ask_one(
        {{"jsonrpc", "2.0"}, {"method", "echo"}, {"params", std::move(params)}, {"id", 1}});
  };
  EXPECT_EQ(echo(Json::array())["result"], Json::object());
  EXPECT_EQ(echo(Json::array({1}))["result"], Json({{"first", 1}}));
  EXPECT_EQ(echo(Json::array({1, 2}))["result"], Json({{"first", 1}, {"second", 2}}));
  EXPECT_EQ(echo(Json::array({1, 2, 3}))["error"]["code"], kInvalidParams);
  EXPECT_EQ(echo({{"second", 2}})["result"], Json({{"second", 2}}));
  const Json unknown = echo({{"secnd", 2}});
  EXPECT_EQ(unknown["error"]["code"], kInvalidParams);
  EXPECT_NE(unknown["error"]["message"].get<std::string>().find("second"), std::string::npos);
  EXPECT_EQ(ask_one({{"jsonrpc", "2.0"}, {"method", "echo"}, {"id", 1}})["result"], Json::object());
}

TEST(JsonRpc, HandlersThatFail) {
  const Json refused = ask_one({{"jsonrpc", "2.0"}, {"method", "fail"}, {"id", 1}});
  EXPECT_EQ(refused["error"]["code"], kBourseError);
  EXPECT_EQ(kind_of(refused), "insufficient_funds");
  const Json thrown = ask_one({{"jsonrpc", "2.0"}, {"method", "throw"}, {"id", 1}});
  EXPECT_EQ(thrown["error"]["code"], kInternalError);
  EXPECT_EQ(dump_json(thrown).find("secret"), std::string::npos);
}

Json batch_of(std::size_t count) {
  Json batch = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back({{"jsonrpc", "2.0"}, {"method", "get_data"}, {"id", i}});
  }
  return batch;
}

TEST(JsonRpc, BatchLimit) {
  EXPECT_EQ(ask_one(batch_of(kBatchMax - 1)).size(), kBatchMax - 1);
  EXPECT_EQ(ask_one(batch_of(kBatchMax)).size(), kBatchMax);
  const Json refused = ask_one(batch_of(kBatchMax + 1));
  EXPECT_EQ(refused["error"]["code"], kInvalidRequest);
  EXPECT_EQ(kind_of(refused), "batch_too_large");
}

Json large(std::size_t size, int id) {
  return {{"jsonrpc", "2.0"}, {"method", "large"}, {"params", {size}}, {"id", id}};
}

TEST(JsonRpc, ResponseLimit) {
  const std::size_t envelope = std::string(R"({"jsonrpc":"2.0","result":"","id":1})").size();
  EXPECT_TRUE(ask_one(large(kResponseBytesMax - envelope - 1, 1)).contains("result"));
  EXPECT_TRUE(ask_one(large(kResponseBytesMax - envelope, 1)).contains("result"));
  EXPECT_EQ(kind_of(ask_one(large(kResponseBytesMax - envelope + 1, 1))), "response_too_large");
}

TEST(JsonRpc, ResponseLimitCountsTheWholeBatch) {
  const std::size_t half = kResponseBytesMax / 2;
  const Json batch = Json::array({large(half, 1), large(half, 2), large(10, 3)});
  const auto text = dispatcher().handle(dump_json(batch));
  EXPECT_LT(text->size(), kResponseBytesMax);
  const Json answer = parse_json(*text).value();
  ASSERT_EQ(answer.size(), 3u);
  EXPECT_TRUE(answer[0].contains("result"));
  EXPECT_EQ(kind_of(answer[1]), "response_too_large");
  EXPECT_TRUE(answer[2].contains("result"));
}

TEST(JsonRpc, MethodsOfTheSessionComeFirst) {
  Dispatcher session;
  session.add("get_data", {}, [](const Json&) -> RpcResult { return Json("mine"); });
  const std::string body = R"([{"jsonrpc":"2.0","method":"get_data","id":1},)"
                           R"({"jsonrpc":"2.0","method":"sum","params":[1,2,3],"id":2}])";
  const Json answer = parse_json(dispatcher().handle(body, &session).value()).value();
  EXPECT_EQ(answer[0]["result"], "mine");
  EXPECT_EQ(answer[1]["result"], 6);
}

TEST(JsonRpc, ResultOfAnAnswer) {
  const auto kind = [](const char* text) {
    const auto result = result_of(parse_json(text).value(), 1);
    return result ? "" : result.error().kind;
  };
  EXPECT_EQ(result_of(Json{{"result", 5}, {"id", 1}}, 1).value(), 5);
  EXPECT_EQ(kind(R"({"id":1,"error":{"code":-1,"message":"m","data":{"kind":"k"}}})"), "k");
  EXPECT_EQ(kind(R"({"id":1,"error":{"code":-1,"message":"m"}})"), "rpc_error");
  EXPECT_EQ(kind(R"({"id":1,"error":{"code":-1,"message":"m","data":7}})"), "rpc_error");
  for (const char* bad : {"1", "[]", R"({"id":2,"result":1})", R"({"id":1})",
                          R"({"id":1,"error":1})", R"({"id":1,"error":{"message":7}})"}) {
    EXPECT_EQ(kind(bad), "node_bad_answer") << bad;
  }
}

}  // namespace
}  // namespace bourse::rpc
