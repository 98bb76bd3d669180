// SPDX-License-Identifier: Apache-2.0
//
// Goal: nobody can hold the server up, by being slow or by being many.
// Method: a real server with short deadlines and few places, and clients that abuse them.
#include <gtest/gtest.h>

#include <latch>
#include <vector>

#include "rpc/turnstile.hpp"
#include "tests/support/backend_rig.hpp"
#include "tests/support/hot_bodies.hpp"
#include "tests/unit/rpc/rpc_rig.hpp"

namespace bourse::rpc::test {
namespace {

TEST(ServerLoad, SlowClientsAreCutOff) {
  Node node;
  node.config.limits.header_deadline = 150ms;
  node.config.limits.request_deadline = 300ms;
  node.config.limits.idle_deadline = 150ms;
  node.start();
  RawConnection silent(node.port());
  RawConnection half_a_head(node.port());
  half_a_head.send("POST / HTTP/1.1\r\nHost: ");
  RawConnection half_a_body(node.port());
  half_a_body.send(post(kPing).substr(0, post(kPing).size() - 1));
  RawConnection idle(node.port());
  idle.send(post(kPing));
  EXPECT_EQ(idle.answer().status, 200);
  EXPECT_TRUE(silent.closes());
  EXPECT_TRUE(half_a_head.closes());
  EXPECT_TRUE(half_a_body.closes());
  EXPECT_TRUE(idle.closes());
}

TEST(ServerLoad, TricklingDoesNotExtendTheDeadline) {
  Node node;
  node.config.limits.header_deadline = 200ms;
  node.start();
  RawConnection slow(node.port());
  const auto start = std::chrono::steady_clock::now();
  const std::string head = "GET /livez HTTP/1.1\r\nX: ";
  slow.send(head);
  pollfd waiting{slow.fd(), POLLIN, 0};
  while (::poll(&waiting, 1, 20) == 0) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
    slow.send("x");
  }
  EXPECT_GE(std::chrono::steady_clock::now() - start, 150ms);
}

TEST(ServerLoad, ClientsThatDoNotReadAreCutOff) {
  Node node;
  node.config.limits.write_deadline = 200ms;
  node.start();
  RawConnection greedy(node.port());
  const std::string call = post(R"({"jsonrpc":"2.0","method":"large","params":[4000000],"id":1})");
  const auto start = std::chrono::steady_clock::now();
  // Sending fails once the server has given up; until then answers pile up in the kernel.
  while (greedy.send(call)) ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
}

TEST(ServerLoad, ConnectionLimit) {
  Node node;
  node.config.limits.connections = 3;
  node.start();
  std::vector<std::unique_ptr<RawConnection>> inside;
  for (int i = 0; i < 3; ++i) {
    inside.push_back(std::make_unique<RawConnection>(node.port()));
    inside.back()->send(post(kPing));
    EXPECT_EQ(inside.back()->answer().status, 200);
  }
  const HttpAnswer busy = node.ask(post(kPing));
  EXPECT_EQ(busy.status, 503);
  EXPECT_NE(busy.head.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(parse_json(busy.body).value()["kind"], "busy");

  inside.pop_back();
  const auto start = std::chrono::steady_clock::now();
  while (node.ask(post(kPing)).status != 200) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
  }
}

TEST(ServerLoad, AThousandQuickConnections) {
  Node node;
  node.start();
  for (int i = 0; i < 1000; ++i) {
    RawConnection connection(node.port());
    if (i % 3 == 0) continue;
    connection.send(post(kPing, "Connection: close\r\n"));
    if (i % 3 == 1) continue;
    ASSERT_EQ(connection.answer().status, 200) << i;
  }
  EXPECT_EQ(node.ask(post(kPing)).status, 200);
}

/// 200 clients send batches to an engine that does nothing: as many transactions wait as may, the
/// others are told that the node is busy, and readers notice nothing.
TEST(ServerLoad, ReadersAreServedWhileSubmissionsPileUp) {
  bourse::test::BackendRig rig;
  const HotPath hot(*rig.backend);
  Node node;
  add_methods(node.methods, *rig.backend);
  node.services.hot = &hot;
  node.config.limits.submissions = 1000;
  node.start();
  std::string batch;
  for (int i = 0; i < 50; ++i) {
    batch += (i == 0 ? "[" : ",") + bourse::test::call_text("1", "tx_submit", R"(["0x00"])");
  }
  batch += "]";

  rig.engine.hold(true);
  std::vector<std::unique_ptr<RawConnection>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<RawConnection>(node.port()));
    clients.back()->send(post(batch));
  }
  ASSERT_TRUE(rig.engine.wait_asked(1, kPatience));
  const std::string alice = address_text(bourse::test::address_of("alice"), Network::dev);
  const std::string read = bourse::test::call_text("2", "account_get", R"([")" + alice + R"("])");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(node.ask(post(read)).status, 200);
  // What is no quick read has threads of its own.
  EXPECT_EQ(node.ask(post(kPing)).body, kPong);
  // 1000 transactions are 20 batches. The other 180 clients have their answer while these wait.
  std::vector<pollfd> waiting;
  for (const auto& client : clients) waiting.push_back({client->fd(), POLLIN, 0});
  const auto start = std::chrono::steady_clock::now();
  const auto is_answered = [](const pollfd& one) { return (one.revents & POLLIN) != 0; };
  while (::poll(waiting.data(), waiting.size(), 100) >= 0 &&
         std::ranges::count_if(waiting, is_answered) < 180) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
  }
  rig.engine.hold(false);
  std::size_t busy = 0;
  for (const auto& client : clients) {
    const HttpAnswer answer = client->answer();
    ASSERT_EQ(answer.status, 200);
    const Json results = parse_json(answer.body).value();
    ASSERT_EQ(results.size(), 50u);
    if (!results[0].contains("error")) continue;
    ++busy;
    EXPECT_EQ(results[49]["error"]["data"], Json({{"kind", "busy"}, {"retryable", true}}));
  }
  EXPECT_EQ(busy, 180u);
  EXPECT_EQ(rig.engine.asked(), 1000u);
}

TEST(ServerLoad, OtherCallsAreBoundedToo) {
  std::latch begun(1);
  std::latch gate(1);
  Node node;
  node.methods.add("wait", {}, [&](const Json&) -> RpcResult {
    begun.count_down();
    gate.wait();
    return Json("done");
  });
  node.config.limits.calls = 1;
  node.start();
  RawConnection first(node.port());
  first.send(post(R"({"jsonrpc":"2.0","method":"wait","id":1})"));
  const auto start = std::chrono::steady_clock::now();
  while (!begun.try_wait()) ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
  const HttpAnswer busy = node.ask(post(kPing));
  EXPECT_EQ(busy.status, 503);
  EXPECT_NE(busy.head.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(node.ask(get("/livez")).status, 200);
  gate.count_down();
  EXPECT_EQ(first.answer().status, 200);
}

/// Answers to plain requests and to others keep the order of the requests.
TEST(ServerLoad, PipelinesOfManyKinds) {
  Node node;
  node.start();
  RawConnection connection(node.port());
  std::string all;
  for (int i = 0; i < 300; ++i) {
    all += post(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::to_string(i) + "}",
                i % 7 == 0 ? "X: y\r\n" : "");
    if (i % 50 == 0) {
      all += post(R"({"jsonrpc":"2.0","method":"large","params":[100000],"id":"large"})");
    }
  }
  ASSERT_TRUE(connection.send(all));
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(parse_json(connection.answer().body).value()["id"], i);
    if (i % 50 != 0) continue;
    EXPECT_GT(connection.answer().body.size(), 100'000u);
  }
}

TEST(Turnstile, CountsWeights) {
  Turnstile turnstile(5, 5);
  auto heavy = turnstile.enter("", 3);
  EXPECT_TRUE(heavy);
  EXPECT_FALSE(turnstile.enter("", 3));
  EXPECT_TRUE(turnstile.enter("", 2));
  heavy.reset();
  EXPECT_FALSE(turnstile.enter("", 6));
  EXPECT_TRUE(turnstile.enter("", 5));
}

TEST(Turnstile, CountsPerKeyAndInAll) {
  Turnstile turnstile(4, 2);
  auto a = turnstile.enter("a");
  auto b = turnstile.enter("a");
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(turnstile.enter("a"));
  auto c = turnstile.enter("");
  auto d = turnstile.enter("");
  EXPECT_TRUE(c && d);
  EXPECT_FALSE(turnstile.enter("b"));
  a.reset();
  EXPECT_TRUE(turnstile.enter("a"));
}

}  // namespace
}  // namespace bourse::rpc::test
