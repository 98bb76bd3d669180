// SPDX-License-Identifier: Apache-2.0
//
// What the sessions of one server share, and the coroutines that serve one connection. Private to
// the server.
#pragma once

#include <optional>
#include <string_view>

#include "rpc/deadlines.hpp"
#include "rpc/http_io.hpp"
#include "rpc/server.hpp"
#include "rpc/turnstile.hpp"
#include "rpc/work_pool.hpp"

namespace bourse::rpc {

using HeadParser = http::request_parser<http::empty_body>;
using Head = http::request<http::empty_body>;

/// What answers at a path.
struct Endpoint {
  std::string method;
  std::string path;
  /// The Content-Type of the request's body; empty when there is no body.
  std::string accepts;
  std::uint64_t body_max = 0;
  std::function<asio::awaitable<HttpReply>(std::string_view body)> serve;
};

struct ServerCore {
  ServerConfig config;
  Services services;
  /// The node's routes and the server's own.
  std::vector<Endpoint> endpoints;
  /// Tells callers over HTTP where subscriptions are to be had.
  Dispatcher http_methods;
  std::vector<std::string> host_names;
  Turnstile connections;
  Turnstile refusals;
  Turnstile websockets;
  Turnstile long_bodies;
  /// For signatures, and for whatever else takes long. They end before the connections do.
  std::optional<WorkPool> submissions;
  std::optional<WorkPool> calls;

  ServerCore(ServerConfig config, Services services);

  /// A place for a body of so many bytes; nothing when the long ones of all connections take what
  /// they may together.
  std::optional<Turnstile::Pass> admit_body(std::uint64_t bytes) {
    return long_bodies.enter("", bytes > config.limits.short_body_bytes ? bytes : 0);
  }
};

/// A connection on the thread that it belongs to.
struct Connection {
  Stream stream;
  beast::flat_buffer buffer;
  /// Answers that have not been sent yet.
  std::string unsent;
  bool is_first = true;
  bool is_websocket = false;
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

std::vector<Endpoint> make_endpoints(ServerCore& core);
/// The answer to a JSON-RPC body, if it gets one. Error kind: busy.
asio::awaitable<Result<std::optional<std::string>>> answer_rpc(ServerCore& core,
                                                               std::string_view body,
                                                               const Dispatcher* session);
/// The answer to a CBOR sequence of transactions (SPEC 6.4).
asio::awaitable<HttpReply> answer_txs(ServerCore& core, std::string_view body);
asio::awaitable<HttpReply> run_endpoint(const Endpoint& endpoint, std::string_view body);

HttpReply refusal(unsigned status, std::string_view kind, std::string_view message);
/// A reply as it travels; `origin` is the page that may read it, if there is one.
void append_reply(std::string& out, const HttpReply& reply, bool keep, std::string_view origin);

/// Answers the request that the buffer begins with if it is a plain one (rpc/plain_http.hpp).
/// Nothing when it is not, and otherwise whether the connection may carry another one.
asio::awaitable<std::optional<bool>> serve_plain(ServerCore& core, Connection& connection);
/// Sends what is unsent; false when the connection broke.
asio::awaitable<bool> flush(ServerCore& core, Connection& connection);

/// Sends a reply; true when the connection may carry another request.
asio::awaitable<bool> send_reply(Exchange& exchange, const HttpReply& reply, bool keep);
/// Asks for the body when the client waits to be asked (RFC 9110 section 10.1.1).
asio::awaitable<error_code> invite_body(Exchange& exchange);

asio::awaitable<void> serve_connection(ServerCore& core, Deadlines& deadlines, Stream stream,
                                       Turnstile::Pass pass);
/// Tells the client that the server is full.
asio::awaitable<void> serve_refusal(Stream stream, Turnstile::Pass pass);
asio::awaitable<bool> serve_blob(Exchange& exchange, std::string_view name);
asio::awaitable<void> serve_websocket(ServerCore& core, Stream&& stream, const Head& head);

}  // namespace bourse::rpc
