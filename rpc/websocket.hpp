// SPDX-License-Identifier: Apache-2.0
//
// Beast's WebSocket over our Stream, for server and client. It has a file of its own because the
// compiler needs long for it; those who use it do not.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "rpc/net.hpp"

namespace bourse::rpc {

/// RFC 6455 section 7.4.1.
enum class CloseCode : std::uint16_t { normal = 1000, policy = 1008, internal_error = 1011 };

struct WebSocketLimits {
  std::chrono::milliseconds handshake_deadline;
  /// A peer silent for so long is pinged; silent for twice as long, it is cut off.
  std::chrono::milliseconds ping;
  std::size_t message_bytes;
};

/// At most one read, one write and one close are under way at a time.
class WebSocket {
 public:
  WebSocket(Stream stream, const WebSocketLimits& limits);
  ~WebSocket();

  Stream::executor_type get_executor();
  asio::awaitable<error_code> accept(const http::request<http::empty_body>& head);
  asio::awaitable<error_code> connect(std::string_view host, std::string_view target);
  /// One message, appended to the buffer.
  asio::awaitable<error_code> read(beast::flat_buffer& buffer);
  asio::awaitable<error_code> write(std::string_view text);
  asio::awaitable<error_code> close(CloseCode code, std::string_view reason);
  /// Cuts the connection.
  void abort();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::rpc
