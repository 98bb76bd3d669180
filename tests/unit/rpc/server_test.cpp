// SPDX-License-Identifier: Apache-2.0
//
// Goal: over plain HTTP the server answers what it should and refuses what it must.
// Method: a real server on a free port and hand-written requests; every limit of size at limit - 1,
// limit and limit + 1.
#include "rpc/server.hpp"

#include <gtest/gtest.h>

#include "tests/unit/rpc/rpc_rig.hpp"

namespace bourse::rpc::test {
namespace {

TEST(Server, AnswersJsonRpc) {
  Node node;
  node.start();
  const HttpAnswer answer = node.ask(post(kPing));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kPong);
  EXPECT_NE(answer.head.find("Content-Type: application/json"), std::string::npos);

  // Errors of the call are no errors of the transport; notifications have no answer.
  EXPECT_EQ(node.ask(post("{")).status, 200);
  const HttpAnswer nothing = node.ask(post(R"({"jsonrpc":"2.0","method":"ping"})"));
  EXPECT_EQ(nothing.status, 204);
  EXPECT_EQ(nothing.head.find("Content-Length"), std::string::npos);
}

TEST(Server, Health) {
  Node node;
  node.start();
  EXPECT_EQ(node.ask(get("/livez")).body, "alive\n");
  EXPECT_EQ(node.ask(get("/readyz?verbose")).status, 200);
  node.is_ready = false;
  const HttpAnswer busy = node.ask(get("/readyz"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.body, "replaying\n");
  EXPECT_NE(busy.head.find("Retry-After: "), std::string::npos);
}

TEST(Server, RoutesOfTheNode) {
  Node node;
  node.services.routes.push_back({"POST", "/tx", "application/cbor-seq", [](const std::string& b) {
                                    return HttpReply{200, "text/plain", std::to_string(b.size())};
                                  }});
  node.services.routes.push_back({"GET", "/throws", "", [](const std::string&) -> HttpReply {
                                    throw std::runtime_error("secret");
                                  }});
  node.start();
  EXPECT_EQ(
      node.ask("POST /tx HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cbor-seq\r\n"
               "Content-Length: 3\r\n\r\nabc")
          .body,
      "3");
  const HttpAnswer thrown = node.ask(get("/throws"));
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
}

TEST(Server, OtherPathsAndMethods) {
  Node node;
  node.start();
  EXPECT_EQ(node.ask(get("/nothing")).status, 404);
  EXPECT_EQ(node.ask(get("/blob/" + std::string(64, '0'))).status, 404);
  EXPECT_EQ(node.ask(get("/")).status, 405);
  EXPECT_EQ(node.ask("PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 405);
  EXPECT_EQ(node.ask(get("/ws")).status, 426);
  EXPECT_EQ(node.ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}").status,
            415);
  EXPECT_EQ(node.ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                     "Content-Length: 2\r\n\r\n{}")
                .status,
            415);
}

TEST(Server, HostHeader) {
  Node node;
  node.config.host_names = {"node.example"};
  node.start();
  for (const char* host : {"localhost", "127.0.0.1:1234", "[::1]:8580", "node.example"}) {
    EXPECT_EQ(node.ask(post(kPing, "", host)).status, 200) << host;
  }
  for (const char* host : {"evil.example", "node.example.evil", "127.0.0.1.evil:8580", ""}) {
    EXPECT_EQ(node.ask(post(kPing, "", host)).status, 403) << host;
  }
  EXPECT_EQ(node.ask("GET /livez HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(node.ask("GET /livez HTTP/1.0\r\n\r\n").status, 400);
  EXPECT_EQ(node.ask(get("/livez", "Host: localhost\r\n")).status, 400);
  EXPECT_EQ(node.ask(get("/livez", "Host: evil.example\r\n")).status, 400);
}

TEST(Server, OriginHeader) {
  Node node;
  node.config.allowed_origins = {"https://explorer.example"};
  node.start();
  EXPECT_EQ(node.ask(post(kPing, "Origin: http://127.0.0.1:8580\r\n", "127.0.0.1:8580")).status,
            200);
  const HttpAnswer allowed = node.ask(post(kPing, "Origin: https://explorer.example\r\n"));
  EXPECT_EQ(allowed.status, 200);
  EXPECT_NE(allowed.head.find("Access-Control-Allow-Origin: https://explorer.example"),
            std::string::npos);
  for (const char* origin : {"null", "", "http://evil.example", "http://127.0.0.1:1",
                             "https://explorer.example.evil.example"}) {
    const auto line = "Origin: " + std::string(origin) + "\r\n";
    EXPECT_EQ(node.ask(post(kPing, line)).status, 403) << origin;
    EXPECT_EQ(node.ask(get("/ws", line + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                         "Sec-WebSocket-Version: 13\r\n"
                                         "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"))
                  .status,
              403)
        << origin;
  }
  const std::string options = "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: ";
  EXPECT_EQ(node.ask(options + "https://explorer.example\r\n\r\n").status, 204);
  EXPECT_EQ(node.ask(options + "https://evil.example\r\n\r\n").status, 403);
}

TEST(Server, BodyLimit) {
  Node node;
  node.config.limits.body_bytes = 2000;
  node.start();
  const auto ask_with = [&](std::size_t size) {
    const std::string call = R"({"jsonrpc":"2.0","method":"length","params":[""],"id":1})";
    std::string body = call;
    body.insert(call.find("\"\"") + 1, size - call.size(), 'x');
    return node.ask(post(body)).status;
  };
  EXPECT_EQ(ask_with(1999), 200);
  EXPECT_EQ(ask_with(2000), 200);
  EXPECT_EQ(ask_with(2001), 413);
  EXPECT_EQ(ask_with(10'000'000), 413);
}

TEST(Server, BodyLimitOfChunkedBodies) {
  Node node;
  node.config.limits.body_bytes = 2000;
  node.start();
  const auto ask_with = [&](std::size_t size) {
    std::string body = kPing;
    body.resize(size, ' ');
    char length[16];
    std::snprintf(length, sizeof length, "%zx", size);
    return node.ask(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n" +
        std::string(length) + "\r\n" + body + "\r\n0\r\n\r\n");
  };
  EXPECT_EQ(ask_with(2000).body, kPong);
  EXPECT_EQ(ask_with(2001).status, 413);
}

TEST(Server, HeaderLimit) {
  Node node;
  node.start();
  const std::size_t rest = get("/livez", "X: \r\n").size();
  const auto ask_with = [&](std::size_t size) {
    return node.ask(get("/livez", "X: " + std::string(size - rest, 'x') + "\r\n")).status;
  };
  const std::size_t limit = node.config.limits.header_bytes;
  EXPECT_EQ(ask_with(limit - 1), 200);
  EXPECT_EQ(ask_with(limit), 200);
  // The parser counts the request line apart; what matters is that there is an end.
  EXPECT_EQ(ask_with(limit + 64), 431);
  EXPECT_EQ(ask_with(limit * 100), 431);
}

TEST(Server, RequestsThatSmuggle) {
  Node node;
  node.start();
  const std::string start =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  for (const char* lines :
       {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 2, 3\r\n",
        "Content-Length: -2\r\n", "Content-Length: +2\r\n", "Content-Length: 0x2\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length : 2\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
        "X\r\n\r\n"}) {
    const int status = node.ask(start + lines + "\r\n{}").status;
    EXPECT_TRUE(status == 400 || status == 413) << lines << " got " << status;
  }
  EXPECT_EQ(node.ask("NONSENSE\r\n\r\n").status, 400);
  EXPECT_EQ(node.ask("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n").status, 400);
}

TEST(Server, KeepsTheConnectionAndTakesPipelinedRequests) {
  Node node;
  node.start();
  RawConnection connection(node.port());
  constexpr int kCalls = 64;
  std::string all;
  for (int i = 0; i < kCalls; ++i) {
    all += post(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::to_string(i) + "}");
  }
  ASSERT_TRUE(connection.send(all));
  for (int i = 0; i < kCalls; ++i) {
    const HttpAnswer answer = connection.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(parse_json(answer.body).value()["id"], i);
  }
  connection.send(post(kPing, "Connection: close\r\n"));
  EXPECT_EQ(connection.answer().status, 200);
  EXPECT_TRUE(connection.closes());
}

TEST(Server, ExpectContinue) {
  Node node;
  node.start();
  RawConnection connection(node.port());
  const std::string request = post(kPing, "Expect: 100-continue\r\n");
  const auto head_size = request.size() - kPing.size();
  connection.send(request.substr(0, head_size));
  EXPECT_EQ(connection.answer().status, 100);
  connection.send(request.substr(head_size));
  EXPECT_EQ(connection.answer().body, kPong);
}

TEST(Server, SubscriptionsOverHttpAreRefusedWithTheWay) {
  Node node;
  node.start();
  const auto answer = parse_json(
      node.ask(post(R"({"jsonrpc":"2.0","method":"chain_subscribe","params":["blocks"],"id":1})"))
          .body);
  EXPECT_EQ((*answer)["error"]["code"], kMethodNotFound);
  EXPECT_NE((*answer)["error"]["message"].get<std::string>().find("/ws"), std::string::npos);
}

TEST(Server, Start) {
  const auto kind = [](auto change) {
    Node node;
    change(node.config);
    const auto server = Server::start(node.config, node.services);
    return server ? "" : server.error().kind;
  };
  Node running;
  running.start();
  EXPECT_EQ(kind([](ServerConfig& c) { c.bind_address = "0.0.0.0"; }), "bind_needs_tls");
  EXPECT_EQ(kind([](ServerConfig& c) { c.bind_address = "::"; }), "bind_needs_tls");
  EXPECT_EQ(kind([](ServerConfig& c) { c.bind_address = "node"; }), "bind_address_invalid");
  EXPECT_EQ(kind([&](ServerConfig& c) { c.port = running.port(); }), "bind_failed");
  EXPECT_EQ(kind([](ServerConfig& c) {
              c.tls = TlsFiles{"/nowhere", "/nowhere"};
            }),
            "tls_files_invalid");
}

}  // namespace
}  // namespace bourse::rpc::test
