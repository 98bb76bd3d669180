// SPDX-License-Identifier: Apache-2.0
//
// Goal: subscriptions over a real WebSocket: resumed without a gap, ended on demand, bounded.
// Method: our own client for the good cases, and hand-made frames (RFC 6455 section 5.2) for the
// bad ones.
#include <gtest/gtest.h>

#include "rpc/client.hpp"
#include "tests/unit/rpc/rpc_rig.hpp"

namespace bourse::rpc::test {
namespace {

/// A connection that speaks WebSocket by hand.
class RawWebSocket {
 public:
  explicit RawWebSocket(std::uint16_t port) : connection_(port) {
    connection_.send(get("/ws",
                         "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
                         "13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"));
    status_ = connection_.answer().status;
  }
  int status() const { return status_; }

  /// A masked text frame (the mask is zero).
  bool send(const std::string& text) {
    std::string frame = "\x81";
    if (text.size() < 126) {
      frame += static_cast<char>(0x80 | text.size());
    } else {
      const bool is_long = text.size() > 0xffff;
      frame += is_long ? '\xff' : '\xfe';
      for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8) {
        frame += static_cast<char>(text.size() >> shift & 0xff);
      }
    }
    return connection_.send(frame + std::string(4, '\0') + text);
  }

  /// The payload of the next frame; `opcode()` tells what it was. Nothing at the end.
  std::optional<std::string> receive() {
    if (!need(2)) return std::nullopt;
    std::string& in = connection_.buffer();
    opcode_ = in[0] & 0x0f;
    std::size_t size = static_cast<unsigned char>(in[1]);
    std::size_t head = 2;
    if (size >= 126) {
      head = size == 126 ? 4 : 10;
      if (!need(head)) return std::nullopt;
      size = 0;
      for (std::size_t i = 2; i < head; ++i) size = size << 8 | static_cast<unsigned char>(in[i]);
    }
    if (!need(head + size)) return std::nullopt;
    std::string payload = in.substr(head, size);
    in.erase(0, head + size);
    return payload;
  }
  int opcode() const { return opcode_; }

  /// The code of the close frame at the end of what is still to come; 0 when there is none.
  int close_code() {
    while (const auto payload = receive()) {
      if (opcode_ != 8) continue;
      return static_cast<unsigned char>((*payload)[0]) << 8 |
             static_cast<unsigned char>((*payload)[1]);
    }
    return 0;
  }

  Json ask(const std::string& text) {
    send(text);
    return parse_json(receive().value()).value();
  }

 private:
  bool need(std::size_t size) {
    while (connection_.buffer().size() < size) {
      if (!connection_.fill()) return false;
    }
    return true;
  }

  RawConnection connection_;
  int status_ = 0;
  int opcode_ = 0;
};

/// A node whose topic "blocks" can be resumed; block h has the payload h.
struct Publisher : Node {
  std::uint64_t tip = 0;

  Publisher() {
    hub.add_topic("blocks", {.check = nullptr, .replay = [](const Json&, Height from, Height to) {
                               std::vector<Json> events;
                               for (auto h = from; h <= to; h += Height(1)) {
                                 events.push_back(h.value());
                               }
                               return Result<std::vector<Json>>(std::move(events));
                             }});
    hub.add_topic("broken", {.check = nullptr, .replay = [](const Json&, Height, Height) {
                               return Result<std::vector<Json>>(Error{"disk", "unreadable"});
                             }});
  }
  void add_blocks(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      ++tip;
      hub.publish("blocks", Height(tip), tip);
    }
  }
  Result<Subscription> subscribe(const char* topic, const Json& options = Json::object()) {
    return Subscription::open({url(), {}, kPatience}, topic, options);
  }
};

std::string call(const char* method, const Json& params) {
  return dump_json({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}, {"id", 1}});
}

TEST(WebSocket, AnswersCalls) {
  Publisher node;
  node.start();
  RawWebSocket socket(node.port());
  ASSERT_EQ(socket.status(), 101);
  EXPECT_EQ(dump_json(socket.ask(kPing)), dump_json(parse_json(kPong).value()));
  EXPECT_EQ(socket.ask("{")["error"]["code"], kParseError);
  // Larger than the queue of a connection may be.
  EXPECT_EQ(socket.ask(call("large", {2'000'000}))["result"].get<std::string>().size(), 2'000'000u);
  // A notification has no answer: what comes next belongs to the call after it.
  socket.send(R"({"jsonrpc":"2.0","method":"ping"})");
  EXPECT_EQ(socket.ask(kPing)["id"], 1);
}

TEST(WebSocket, SubscribeFromNow) {
  Publisher node;
  node.start();
  node.add_blocks(10);
  auto subscription = node.subscribe("blocks").value();
  EXPECT_FALSE(subscription.next(std::chrono::milliseconds(20)).value());
  node.add_blocks(3);
  for (const int height : {11, 12, 13}) {
    EXPECT_EQ(subscription.next(kPatience).value().value(), height);
  }
}

TEST(WebSocket, ResumeWhileBlocksArrive) {
  Publisher node;
  node.start();
  node.add_blocks(1000);
  auto subscription = node.subscribe("blocks", {{"from_height", "5"}}).value();
  for (std::uint64_t height = 5; height <= 1100; ++height) {
    if (height % 10 == 0 && node.tip < 1100) node.add_blocks(1);
    if (height == 1000) node.add_blocks(1100 - node.tip);
    ASSERT_EQ(subscription.next(kPatience).value().value(), height);
  }
}

TEST(WebSocket, Unsubscribe) {
  Publisher node;
  node.start();
  RawWebSocket socket(node.port());
  const Json id = socket.ask(call("chain_subscribe", {"blocks"}))["result"];
  ASSERT_TRUE(id.is_string());
  node.add_blocks(1);
  EXPECT_EQ(parse_json(socket.receive().value()).value()["params"]["subscription"], id);
  EXPECT_EQ(socket.ask(call("chain_unsubscribe", Json::array({id})))["result"], true);
  EXPECT_EQ(socket.ask(call("chain_unsubscribe", Json::array({id})))["result"], false);
  node.add_blocks(1);
  EXPECT_EQ(socket.ask(kPing)["result"], "pong");
  // Nobody ends the subscription of another connection.
  RawWebSocket other(node.port());
  const Json others = other.ask(call("chain_subscribe", {"blocks"}))["result"];
  EXPECT_EQ(socket.ask(call("chain_unsubscribe", Json::array({others})))["result"], false);
}

TEST(WebSocket, SubscriptionLimit) {
  Publisher node;
  node.start();
  RawWebSocket socket(node.port());
  const std::string subscribe = call("chain_subscribe", {"blocks"});
  Json last;
  for (std::size_t i = 0; i < node.config.limits.ws_subscriptions; ++i) {
    last = socket.ask(subscribe)["result"];
    EXPECT_TRUE(last.is_string());
  }
  EXPECT_EQ(socket.ask(subscribe)["error"]["data"]["kind"], "too_many_subscriptions");
  EXPECT_EQ(socket.ask(call("chain_unsubscribe", Json::array({last})))["result"], true);
  EXPECT_TRUE(socket.ask(subscribe)["result"].is_string());
}

TEST(WebSocket, BadSubscriptions) {
  Publisher node;
  node.start();
  RawWebSocket socket(node.port());
  for (const Json& params :
       {Json::array(), Json::array({1}), Json::array({"nothing"}), Json::array({"blocks", 1}),
        Json::array({"blocks", {{"from_height", -1}}}), Json::array({"blocks", nullptr})}) {
    EXPECT_EQ(socket.ask(call("chain_subscribe", params))["error"]["code"], kInvalidParams)
        << params;
  }
  EXPECT_EQ(socket.ask(call("chain_unsubscribe", Json::array()))["error"]["code"], kInvalidParams);
  EXPECT_EQ(node.subscribe("nothing").error().kind, "unknown_topic");
}

TEST(WebSocket, APastThatCannotBeRead) {
  Publisher node;
  node.start();
  node.hub.publish("broken", Height(3), 3);
  RawWebSocket socket(node.port());
  socket.ask(call("chain_subscribe", {"broken", {{"from_height", 1}}}));
  EXPECT_EQ(socket.close_code(), 1011);
}

TEST(WebSocket, SlowReaderIsClosedWith1008) {
  Publisher node;
  node.start();
  RawWebSocket slow(node.port());
  RawWebSocket quick(node.port());
  for (RawWebSocket* socket : {&slow, &quick}) {
    ASSERT_TRUE(socket->ask(call("chain_subscribe", {"blocks"}))["result"].is_string());
  }
  const std::string large(200'000, 'x');
  for (std::uint64_t i = 1; i <= 200; ++i) {
    node.hub.publish("blocks", Height(i), large);
    ASSERT_GT(quick.receive().value().size(), large.size());
  }
  EXPECT_EQ(slow.close_code(), 1008);
  EXPECT_EQ(quick.ask(kPing)["result"], "pong");
}

TEST(WebSocket, MessageLimit) {
  Publisher node;
  node.start();
  const std::size_t limit = node.config.limits.ws_message_bytes;
  const auto padded = [](std::size_t size) {
    std::string text = kPing;
    text.resize(size, ' ');
    return text;
  };
  RawWebSocket socket(node.port());
  EXPECT_EQ(socket.ask(padded(limit - 1))["result"], "pong");
  EXPECT_EQ(socket.ask(padded(limit))["result"], "pong");
  socket.send(padded(limit + 1));
  EXPECT_EQ(socket.close_code(), 1009);
}

TEST(WebSocket, ClientLimit) {
  Publisher node;
  node.config.limits.ws_clients = 2;
  node.start();
  RawWebSocket first(node.port());
  {
    RawWebSocket second(node.port());
    EXPECT_EQ(second.status(), 101);
    EXPECT_EQ(RawWebSocket(node.port()).status(), 503);
  }
  const auto start = std::chrono::steady_clock::now();
  while (RawWebSocket(node.port()).status() != 101) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
  }
}

TEST(WebSocket, SilentPeersArePingedAndThenCutOff) {
  Publisher node;
  node.config.limits.ws_ping = std::chrono::milliseconds(100);
  node.start();
  RawWebSocket socket(node.port());
  ASSERT_TRUE(socket.receive());
  EXPECT_EQ(socket.opcode(), 9);
  while (socket.receive()) {
  }
}

TEST(WebSocket, ServerStopsUnderSubscribers) {
  Publisher node;
  node.start();
  auto subscription = node.subscribe("blocks").value();
  node.server.reset();
  node.add_blocks(3);
  const auto ended = subscription.next(kPatience);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, "subscription_closed");
}

}  // namespace
}  // namespace bourse::rpc::test
