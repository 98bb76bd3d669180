// SPDX-License-Identifier: Apache-2.0
//
// Goal: the client says what went wrong in our kinds, survives connections that were closed while
// idle, and never talks TLS to a server it has no reason to believe.
// Method: real servers with and without TLS, whose self-made certificate comes from the openssl
// command; a scripted server that answers nonsense.
#include "rpc/client.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/rpc/rpc_rig.hpp"

namespace bourse::rpc::test {
namespace {

template <class T>
std::string kind_of(const Result<T>& result) {
  return result ? "" : result.error().kind;
}

Client open(const std::string& url, TlsTrust trust = {}) {
  return Client::open({url, std::move(trust), kPatience}).value();
}

TEST(Client, Urls) {
  const auto kind = [](const char* url) { return kind_of(Client::open({url, {}, kPatience})); };
  for (const char* url :
       {"http://127.0.0.1:8580", "http://localhost", "http://[::1]:1/", "http://127.1.2.3:65535"}) {
    EXPECT_EQ(kind(url), "") << url;
  }
  for (const char* url : {"", "localhost:8580", "ftp://localhost", "http://", "http://:8580",
                          "http://localhost:", "http://localhost:x", "http://localhost:65536",
                          "http://localhost:123456", "http://localhost/path", "http://u@localhost",
                          "http://[::1", "http://[::1]8580", "http://local\r\nhost"}) {
    EXPECT_EQ(kind(url), "bad_url") << url;
  }
  EXPECT_EQ(kind("http://node.example"), "tls_required");
  EXPECT_EQ(kind("http://10.0.0.1"), "tls_required");
  EXPECT_EQ(kind("https://node.example"), "tls_untrusted");
}

TEST(Client, ResultsAndErrors) {
  Node node;
  node.start();
  Client client = open(node.url());
  EXPECT_EQ(client.call("ping", Json::object()).value(), "pong");
  EXPECT_EQ(client.call("length", {{"text", "abc"}}).value(), 3);
  EXPECT_EQ(client.call("length", Json::array({"abcd"})).value(), 4);
  const auto refused = client.call("refuse", Json::object());
  EXPECT_EQ(refused.error(), (Error{"too_poor", "there is not enough money"}));
  EXPECT_EQ(kind_of(client.call("nothing", Json::object())), "method_not_found");
  const std::string large(node.config.limits.body_bytes, 'x');
  EXPECT_EQ(kind_of(client.call("length", {{"text", large}})), "body_too_large");
  EXPECT_EQ(client.call("ping", Json::object()).value(), "pong");
}

TEST(Client, NodeThatIsNotThere) {
  Node node;
  node.start();
  const std::string url = node.url();
  node.server.reset();
  const auto refused = open(url).call("ping", Json::object());
  EXPECT_EQ(kind_of(refused), "node_unreachable");
  EXPECT_NE(refused.error().message.find(url), std::string::npos);
}

TEST(Client, ReconnectsWhenTheServerClosedAnIdleConnection) {
  Node node;
  node.config.limits.idle_deadline = 50ms;
  node.config.threads = 1;
  node.start();
  Client client = open(node.url());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.call("ping", Json::object(), Repeat::forbidden).value(), "pong");
    // One thread closes all that are due before it looks at a new connection. So when one that went
    // idle later has been closed and a new one has an answer, the client's is closed, too.
    RawConnection later(node.port());
    later.send(post(kPing));
    EXPECT_EQ(later.answer().status, 200);
    EXPECT_TRUE(later.closes());
    RawConnection next(node.port());
    next.send(post(kPing));
    EXPECT_EQ(next.answer().status, 200);
  }
  // Also over a restart of the node.
  node.config.port = node.port();
  node.server.reset();
  node.start();
  EXPECT_EQ(client.call("ping", Json::object()).value(), "pong");
}

/// Listens, reads a request and sends `answer`.
std::string kind_when_answered(const std::string& answer) {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), raw, size) != 0 || ::listen(listener.get(), 4) != 0 ||
      ::getsockname(listener.get(), raw, &size) != 0) {
    throw std::runtime_error("no listener");
  }
  std::thread server([&] {
    const UniqueFd peer(::accept(listener.get(), nullptr, nullptr));
    char request[4096];
    if (::recv(peer.get(), request, sizeof request, 0) <= 0) return;
    ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    ::shutdown(peer.get(), SHUT_WR);
    while (::recv(peer.get(), request, sizeof request, 0) > 0) {
    }
  });
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  std::string kind;
  {
    Client client = Client::open({url, {}, 500ms}).value();
    kind = kind_of(client.call("ping", Json::object(), Repeat::forbidden));
  }
  server.join();
  return kind;
}

std::string ok_with(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Client, ServersThatTalkNonsense) {
  EXPECT_EQ(kind_when_answered(ok_with(kPong)), "");
  EXPECT_EQ(kind_when_answered(ok_with("{}")), "node_bad_answer");
  EXPECT_EQ(kind_when_answered(ok_with("<html>")), "json_syntax");
  EXPECT_EQ(kind_when_answered(ok_with(std::string(100'000, '['))), "json_too_deep");
  EXPECT_EQ(kind_when_answered("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
            "node_refused");
  EXPECT_EQ(kind_when_answered("220 smtp ready\r\n\r\n"), "node_unreachable");
  EXPECT_EQ(kind_when_answered(""), "node_unreachable");
  EXPECT_EQ(kind_when_answered("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"),
            "answer_too_large");
}

TEST(Client, Deadline) {
  // A listener that never accepts: the kernel answers, nobody else does.
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener.get(), raw, size), 0);
  ASSERT_EQ(::listen(listener.get(), 4), 0);
  ASSERT_EQ(::getsockname(listener.get(), raw, &size), 0);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  Client client = Client::open({url, {}, 100ms}).value();
  EXPECT_EQ(kind_of(client.call("ping", Json::object())), "node_unreachable");
  EXPECT_EQ(kind_of(Subscription::open({url, {}, 100ms}, "blocks", Json::object())),
            "node_unreachable");
}

// --- TLS ----------------------------------------------------------------------------------------

/// A self-signed certificate for localhost and 127.0.0.1.
struct Certificate {
  bourse::test::TempDir dir;
  std::string file = dir / "cert.pem";
  std::string key = dir / "key.pem";
  Hash fingerprint;

  Certificate() {
    const std::string der = dir / "cert.der";
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
        "/CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
        key + " -out " + file + " 2>/dev/null && openssl x509 -outform der -in " + file + " -out " +
        der;
    if (std::system(make.c_str()) != 0) throw std::runtime_error("openssl failed");
    fingerprint = sha256(read_file(der, 1 << 16).value());
  }
};

struct TlsNode : Node {
  Certificate certificate;
  TlsNode() {
    config.tls = TlsFiles{certificate.file, certificate.key};
    start();
  }
};

TEST(Tls, PinnedFingerprint) {
  TlsNode node;
  Client client =
      open(node.url("https"), {.ca_file = "", .fingerprint = node.certificate.fingerprint});
  EXPECT_EQ(client.call("ping", Json::object()).value(), "pong");
  EXPECT_EQ(client.call("ping", Json::object()).value(), "pong");

  const Certificate other;
  EXPECT_EQ(kind_of(open(node.url("https"), {.ca_file = "", .fingerprint = other.fingerprint})
                        .call("ping", Json::object())),
            "tls_untrusted");
}

TEST(Tls, CaFile) {
  TlsNode node;
  const std::string port = std::to_string(node.port());
  const TlsTrust trust{node.certificate.file, std::nullopt};
  EXPECT_EQ(open("https://127.0.0.1:" + port, trust).call("ping", Json::object()).value(), "pong");
  EXPECT_EQ(open("https://localhost:" + port, trust).call("ping", Json::object()).value(), "pong");
  // The certificate does not name this address.
  EXPECT_EQ(kind_of(open("https://127.0.0.2:" + port, trust).call("ping", Json::object())),
            "node_unreachable");
  const Certificate other;
  EXPECT_EQ(
      kind_of(open(node.url("https"), {other.file, std::nullopt}).call("ping", Json::object())),
      "tls_untrusted");
  EXPECT_EQ(kind_of(Client::open({node.url("https"), {"/nowhere", std::nullopt}, kPatience})),
            "tls_untrusted");
}

TEST(Tls, ANameThatTheCertificateLacks) {
  TlsNode node;
  node.server.reset();
  node.config.bind_address = "0.0.0.0";
  node.start();
  const std::string url = "https://127.0.0.2:" + std::to_string(node.port());
  EXPECT_EQ(kind_of(open(url, {node.certificate.file, std::nullopt}).call("ping", Json::object())),
            "tls_untrusted");
}

TEST(Tls, PlainAndTlsDoNotMix) {
  TlsNode secure;
  EXPECT_EQ(kind_of(open(secure.url("http")).call("ping", Json::object())), "node_unreachable");
  Node plain;
  plain.start();
  const TlsTrust trust{"", secure.certificate.fingerprint};
  EXPECT_EQ(kind_of(open(plain.url("https"), trust).call("ping", Json::object())),
            "node_unreachable");
}

TEST(Tls, OlderVersionsAreRefused) {
  TlsNode node;
  const std::string connect = "openssl s_client -connect 127.0.0.1:" + std::to_string(node.port()) +
                              " </dev/null >/dev/null 2>&1 ";
  EXPECT_EQ(std::system((connect + "-tls1_3").c_str()), 0);
  EXPECT_NE(std::system((connect + "-tls1_2").c_str()), 0);
}

TEST(Tls, SubscriptionsAndSlowHandshakes) {
  TlsNode node;
  node.hub.add_topic("blocks", {});
  const TlsTrust trust{"", node.certificate.fingerprint};
  auto subscription =
      Subscription::open({node.url("https"), trust, kPatience}, "blocks", Json::object()).value();
  node.hub.publish("blocks", Height(1), "event");
  EXPECT_EQ(subscription.next(kPatience).value().value(), "event");

  Node impatient;
  impatient.config.tls = TlsFiles{node.certificate.file, node.certificate.key};
  impatient.config.limits.header_deadline = 100ms;
  impatient.start();
  RawConnection silent(impatient.port());
  EXPECT_TRUE(silent.closes());
}

}  // namespace
}  // namespace bourse::rpc::test
