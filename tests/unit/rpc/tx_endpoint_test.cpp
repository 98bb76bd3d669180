// SPDX-License-Identifier: Apache-2.0
//
// Goal: POST /tx takes a sequence of transactions whole or not at all, tells which were refused and
// why, and says when the node is busy.
// Method: a real server over an engine that tests command; the limits at -1, 0 and +1.
#include <gtest/gtest.h>

#include "base/cbor.hpp"
#include "tests/support/backend_rig.hpp"
#include "tests/unit/rpc/rpc_rig.hpp"

namespace bourse::rpc::test {
namespace {

struct TxNode : Node {
  bourse::test::BackendRig rig;
  HotPath hot{*rig.backend};

  TxNode() { services.hot = &hot; }
  ~TxNode() { server.reset(); }

  static std::string request(std::string_view body, const std::string& extra = "") {
    return "POST /tx HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cbor\r\n" + extra +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }
  HttpAnswer send(std::string_view body, const std::string& extra = "") const {
    return ask(request(body, extra));
  }
};

/// [1, h'', "ab", [[]], null, true]: an item of every kind.
const std::string kItem("\x86\x01\x40\x62\x61\x62\x81\x80\xf6\xf5", 10);

TEST(TxEndpoint, Accepts) {
  TxNode node;
  node.start();
  EXPECT_EQ(node.send(kItem + kItem + kItem).body, R"({"accepted":3,"refused":[]})");
  EXPECT_EQ(node.rig.engine.asked(), 3u);
  EXPECT_EQ(node.send("").body, R"({"accepted":0,"refused":[]})");
  // The same for a request that is not a plain one.
  EXPECT_EQ(node.send(kItem + kItem, "X: y\r\n").body, R"({"accepted":2,"refused":[]})");
}

TEST(TxEndpoint, NamesTheRefused) {
  TxNode node;
  node.start();
  node.rig.engine.be_busy(true);
  const HttpAnswer busy = node.send(kItem + kItem);
  EXPECT_EQ(busy.status, 503);
  EXPECT_NE(busy.head.find("Retry-After: 1"), std::string::npos);
  EXPECT_EQ(parse_json(busy.body).value()["kind"], "busy");
  node.rig.engine.be_busy(false);
  node.rig.engine.refuse(1);
  const Json answer = parse_json(node.send(kItem + "\x01" + kItem).body).value();
  EXPECT_EQ(answer["accepted"], 2);
  EXPECT_EQ(answer["refused"],
            Json::parse(R"([{"index":1,"kind":"nonce_too_low","message":"say \"please\"\n",)"
                        R"("retryable":false}])"));
}

TEST(TxEndpoint, MalformedIsRefusedWhole) {
  TxNode node;
  node.start();
  for (const std::string& bad :
       {std::string("\x18\x01", 2), std::string("\x82\x01", 2), std::string("\xff"),
        std::string("\x9f\x01\xff", 3), std::string("\xa0"), std::string("\xc0\x01", 2),
        std::string("\xf9\x00\x00", 3), std::string("\x42\x00", 2),
        std::string("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9)}) {
    const HttpAnswer answer = node.send(kItem + bad);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(parse_json(answer.body).value()["kind"], "sequence_malformed");
  }
  EXPECT_EQ(node.rig.engine.asked(), 0u);
}

TEST(TxEndpoint, Limits) {
  TxNode node;
  node.config.limits.tx_body_bytes = 100'000;
  node.config.limits.submissions = 100'000;
  node.start();
  EXPECT_EQ(node.send(std::string(65'535, '\x01')).status, 200);
  EXPECT_EQ(node.send(std::string(65'536, '\x01')).status, 200);
  const HttpAnswer many = node.send(std::string(65'537, '\x01'));
  EXPECT_EQ(many.status, 400);
  EXPECT_EQ(parse_json(many.body).value()["kind"], "too_many_transactions");
  // One byte string over the whole body.
  const auto ask_with = [&](std::uint32_t size) {
    CborWriter writer;
    writer.byte_string(Bytes(size - 5));
    return node.send(as_text(writer.take())).status;
  };
  EXPECT_EQ(ask_with(99'999), 200);
  EXPECT_EQ(ask_with(100'000), 200);
  EXPECT_EQ(ask_with(100'001), 413);
  EXPECT_EQ(node.ask("POST /tx HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     "Content-Length: 0\r\n\r\n")
                .status,
            415);
}

/// A body goes to the engine in pieces of 512; here only the piece of 188 finds a place.
TEST(TxEndpoint, WhatDoesNotFitIsBusyAndTheRestIsTaken) {
  TxNode node;
  node.config.limits.submissions = 511;
  node.start();
  const Json answer = parse_json(node.send(std::string(700, '\x01')).body).value();
  EXPECT_EQ(answer["accepted"], 188);
  ASSERT_EQ(answer["refused"].size(), 512u);
  EXPECT_EQ(answer["refused"][511]["index"], 511);
  EXPECT_EQ(answer["refused"][511]["kind"], "busy");
  EXPECT_EQ(answer["refused"][511]["retryable"], true);
  EXPECT_EQ(node.send(std::string(512, '\x01')).status, 503);
  EXPECT_EQ(node.send(std::string(511, '\x01')).status, 200);
}

/// A body that is on its way holds its place, so a second long one is refused until it is through.
TEST(TxEndpoint, LongBodiesShareTheirMemory) {
  TxNode node;
  node.config.limits.short_body_bytes = 1000;
  node.config.limits.long_bodies_bytes = 3000;
  node.start();
  const auto await_status = [&](int status) {
    const auto start = std::chrono::steady_clock::now();
    HttpAnswer answer = node.send(std::string(1001, '\x01'));
    while (answer.status != status && std::chrono::steady_clock::now() - start < kPatience) {
      answer = node.send(std::string(1001, '\x01'));
    }
    return answer;
  };
  RawConnection slow(node.port());
  const std::string request = TxNode::request(std::string(2000, '\x01'));
  ASSERT_TRUE(slow.send(request.substr(0, request.size() - 1)));
  const HttpAnswer busy = await_status(503);
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(parse_json(busy.body).value()["kind"], "busy");
  EXPECT_EQ(node.send(std::string(1000, '\x01')).status, 200);
  ASSERT_TRUE(slow.send(request.substr(request.size() - 1)));
  EXPECT_EQ(slow.answer().status, 200);
  EXPECT_EQ(await_status(200).status, 200);
}

}  // namespace
}  // namespace bourse::rpc::test
