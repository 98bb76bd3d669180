// SPDX-License-Identifier: Apache-2.0
//
// What the sessions of one server share, and the coroutines that serve one connection. Private to
// the server.
#pragma once

#include <optional>
#include <string_view>

#include "rpc/http_io.hpp"
#include "rpc/server.hpp"
#include "rpc/turnstile.hpp"

namespace bourse::rpc {

using HeadParser = http::request_parser<http::empty_body>;
using Head = http::request<http::empty_body>;

struct ServerCore {
  ServerConfig config;
  Services services;
  /// The node's routes and the server's own.
  std::vector<Route> routes;
  /// Tells callers over HTTP where subscriptions are to be had.
  Dispatcher http_methods;
  std::vector<std::string> host_names;
  Turnstile connections;
  Turnstile refusals;
  Turnstile websockets;

  ServerCore(ServerConfig config, Services services);
};

/// One request whose head has been read and whose body has not.
struct Exchange {
  ServerCore& core;
  Stream& stream;
  beast::flat_buffer& buffer;
  HeadParser& parser;
  Clock::time_point started;
  const Head& head() const { return parser.get(); }
};

// Coroutines that are awaited take references to what their callers keep in variables: g++ 12 moves
// temporaries of a co_await expression bit by bit, which breaks short strings.

HttpReply refusal(unsigned status, std::string_view kind, std::string_view message);

/// Sends a reply; true when the connection may carry another request.
asio::awaitable<bool> send_reply(Exchange& exchange, const HttpReply& reply, bool keep);
/// Asks for the body when the client waits to be asked (RFC 9110 section 10.1.1).
asio::awaitable<error_code> invite_body(Exchange& exchange);

asio::awaitable<void> serve_connection(ServerCore& core, Stream stream, Turnstile::Pass pass);
/// Tells the client that the server is full.
asio::awaitable<void> serve_refusal(Stream stream, Turnstile::Pass pass);
asio::awaitable<bool> serve_blob(Exchange& exchange, std::string_view name);
asio::awaitable<void> serve_websocket(ServerCore& core, Stream&& stream, const Head& head);

}  // namespace bourse::rpc
