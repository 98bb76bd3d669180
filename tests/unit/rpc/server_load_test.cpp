// SPDX-License-Identifier: Apache-2.0
//
// Goal: nobody can hold the server up, by being slow or by being many.
// Method: a real server with short deadlines and few places, and clients that abuse them.
#include <gtest/gtest.h>

#include <vector>

#include "rpc/turnstile.hpp"
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
