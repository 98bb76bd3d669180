// SPDX-License-Identifier: Apache-2.0
//
// A real server on a free loopback port for tests, and a raw connection that can break every rule.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

#include "base/files.hpp"
#include "rpc/server.hpp"

namespace bourse::rpc::test {

using namespace std::chrono_literals;

/// Longer than anything here takes; only a test that fails waits for it.
inline constexpr std::chrono::milliseconds kPatience{10'000};

struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string body;
};

class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }

  int fd() const { return fd_.get(); }

  /// False when the peer has closed.
  bool send(std::string_view data) {
    while (!data.empty()) {
      const ssize_t count = ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      data.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  /// More bytes into the buffer; false at the end of the connection.
  bool fill() {
    pollfd waiting{fd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(kPatience.count())) != 1) {
      throw std::runtime_error("nothing arrived in time");
    }
    char chunk[16384];
    const ssize_t count = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    if (count <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(count));
    return true;
  }

  /// The next answer; status 0 when the server closed without one.
  HttpAnswer answer() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return {};
    }
    HttpAnswer out;
    out.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    out.status = std::stoi(out.head.substr(9, 3));
    const auto length = out.head.find("Content-Length: ");
    const std::size_t size =
        length == std::string::npos ? 0 : std::stoul(out.head.substr(length + 16));
    while (buffer_.size() < size && fill()) {
    }
    out.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  /// Whether the server closes now, having sent nothing more.
  bool closes() { return buffer_.empty() && !fill(); }

  std::string& buffer() { return buffer_; }

 private:
  UniqueFd fd_;
  std::string buffer_;
};

/// A JSON-RPC request as curl would send it; `extra` are header lines.
inline std::string post(const std::string& body, const std::string& extra = "",
                        const std::string& host = "127.0.0.1") {
  return "POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\n" + extra +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string get(const std::string& path, const std::string& extra = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + extra + "\r\n";
}

inline const std::string kPing = R"({"jsonrpc":"2.0","method":"ping","id":1})";
inline const std::string kPong = R"({"jsonrpc":"2.0","result":"pong","id":1})";

struct Node {
  Dispatcher methods;
  SubscriptionHub hub{Height(0)};
  std::atomic<bool> is_ready = true;
  ServerConfig config;
  Services services;
  std::unique_ptr<Server> server;

  Node() {
    config.port = 0;
    methods.add("ping", {}, [](const Json&) -> RpcResult { return Json("pong"); });
    methods.add("length", {"text"}, [](const Json& params) -> RpcResult {
      return Json(params["text"].get_ref<const std::string&>().size());
    });
    methods.add("large", {"size"}, [](const Json& params) -> RpcResult {
      return Json(std::string(params["size"].get<std::size_t>(), 'x'));
    });
    methods.add("refuse", {}, [](const Json&) -> RpcResult {
      return RpcError(Error{"too_poor", "there is not enough money"});
    });
    services.methods = &methods;
    services.hub = &hub;
    services.live = [] { return Health{true, "alive"}; };
    services.ready = [this] { return Health{is_ready, is_ready ? "ready" : "replaying"}; };
  }

  Node& start() {
    server = Server::start(config, services).value();
    return *this;
  }
  std::uint16_t port() const { return server->port(); }
  std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port());
  }
  /// One request on a connection of its own.
  HttpAnswer ask(const std::string& request) const {
    RawConnection connection(port());
    connection.send(request);
    return connection.answer();
  }
};

}  // namespace bourse::rpc::test
