// SPDX-License-Identifier: Apache-2.0
#include "rpc/session.hpp"

#include <spdlog/spdlog.h>

#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "rpc/http_policy.hpp"

namespace bourse::rpc {
namespace {

constexpr std::size_t kFirstReadBytes = 16 * 1024;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string_view header(const Head& head, http::field name) { return view(head[name]); }

std::string_view path_of(const Head& head) {
  const std::string_view target = view(head.target());
  return target.substr(0, target.find('?'));
}

/// What speaks against the request before anybody looks at what it wants.
std::optional<HttpReply> head_fault(const Exchange& exchange) {
  const Head& head = exchange.head();
  const ServerConfig& config = exchange.core.config;
  if (head.count(http::field::host) != 1) {
    return refusal(400, "host_missing", "the request must carry exactly one Host header");
  }
  // What the parser does not know it would take for no body, and the body for the next request.
  if (head.count(http::field::transfer_encoding) > 1 ||
      (head.count(http::field::transfer_encoding) == 1 && !exchange.parser.chunked()) ||
      !beast::iequals(head[http::field::transfer_encoding],
                      exchange.parser.chunked() ? "chunked" : "")) {
    return refusal(400, "bad_request", "the only Transfer-Encoding here is chunked");
  }
  const std::string_view host = header(head, http::field::host);
  if (!host_allowed(host, exchange.core.host_names)) {
    return refusal(403, "host_not_allowed",
                   "this node does not answer to that Host; add the name to its configuration");
  }
  if (head.count(http::field::origin) > 1 ||
      (head.count(http::field::origin) == 1 &&
       !origin_allowed(header(head, http::field::origin), host, exchange.stream.tls() != nullptr,
                       config.allowed_origins))) {
    return refusal(403, "origin_not_allowed",
                   "web pages of that origin may not use this node; allow it in the configuration");
  }
  return std::nullopt;
}

/// Who answers a request, or why nobody does.
Result<const Endpoint*, HttpReply> find_endpoint(const ServerCore& core, const Head& head) {
  bool path_exists = false;
  for (const Endpoint& endpoint : core.endpoints) {
    if (endpoint.path != path_of(head)) continue;
    if (endpoint.method == view(head.method_string())) return &endpoint;
    path_exists = true;
  }
  if (path_exists) return refusal(405, "method_not_allowed", "this path has another method");
  return refusal(404, "path_not_found", "there is nothing here; JSON-RPC is at POST /");
}

asio::awaitable<bool> serve_endpoint(Exchange& exchange, const Endpoint& endpoint) {
  const ServerLimits& limits = exchange.core.config.limits;
  if (!endpoint.accepts.empty() &&
      !content_type_is(header(exchange.head(), http::field::content_type), endpoint.accepts)) {
    const HttpReply reply =
        refusal(415, "content_type", "the Content-Type here is " + endpoint.accepts);
    co_return co_await send_reply(exchange, reply, false);
  }
  const HttpReply too_large =
      refusal(413, "body_too_large",
              "a body here has at most " + std::to_string(endpoint.body_max) + " bytes");
  if (exchange.parser.content_length().value_or(0) > endpoint.body_max) {
    co_return co_await send_reply(exchange, too_large, false);
  }
  const auto place =
      exchange.core.admit_body(exchange.parser.content_length().value_or(endpoint.body_max));
  if (!place) {
    const HttpReply busy = refusal(503, "busy", "too many long bodies are on their way; try again");
    co_return co_await send_reply(exchange, busy, false);
  }
  exchange.stream.expires_at(exchange.started + limits.request_deadline);
  if (co_await invite_body(exchange)) co_return false;
  http::request_parser<http::string_body> parser{std::move(exchange.parser)};
  parser.body_limit(endpoint.body_max);
  const error_code failure = co_await read_body(exchange.stream, exchange.buffer, parser);
  exchange.parser.get().base() = parser.get().base();
  if (failure == http::error::body_limit) {
    co_return co_await send_reply(exchange, too_large, false);
  }
  if (failure) co_return false;
  exchange.stream.expires_at(Clock::time_point::max());
  const HttpReply reply = co_await run_endpoint(endpoint, parser.get().body());
  co_return co_await send_reply(exchange, reply, true);
}

/// Serves the head that has been read. True when the connection may carry another request.
asio::awaitable<bool> serve_request(Exchange& exchange) {
  const auto fault = head_fault(exchange);
  if (fault) co_return co_await send_reply(exchange, *fault, false);
  const Head& head = exchange.head();
  if (head.method() == http::verb::options && head.count(http::field::origin) == 1) {
    // A browser asks before it lets an allowed page call.
    const HttpReply consent{204, "", ""};
    co_return co_await send_reply(exchange, consent, true);
  }
  const std::string_view path = path_of(head);
  constexpr std::string_view kBlobPrefix = "/blob/";
  if (path.starts_with(kBlobPrefix) && exchange.core.services.blobs.store != nullptr) {
    co_return co_await serve_blob(exchange, path.substr(kBlobPrefix.size()));
  }
  const auto endpoint = find_endpoint(exchange.core, head);
  if (!endpoint) co_return co_await send_reply(exchange, endpoint.error(), false);
  co_return co_await serve_endpoint(exchange, **endpoint);
}

asio::awaitable<bool> refuse_head(Exchange& exchange, error_code failure) {
  const bool is_large = failure == http::error::header_limit;
  const bool is_http = failure.category() == http::make_error_code(http::error{}).category();
  // A peer that stopped in the middle of its request expects no answer.
  if (!is_http || failure == http::error::end_of_stream ||
      failure == http::error::partial_message) {
    co_return false;
  }
  const HttpReply reply = is_large ? refusal(431, "header_too_large", "the header is too large")
                                   : refusal(400, "bad_request", "this is not an HTTP/1.1 request");
  co_return co_await send_reply(exchange, reply, false);
}

bool is_websocket(const Head& head) {
  return path_of(head) == "/ws" && head.method() == http::verb::get;
}

/// Hands the connection over to a WebSocket session, and comes back when that is over.
asio::awaitable<bool> serve_upgrade(Exchange& exchange, Connection& connection) {
  const auto fault = head_fault(exchange);
  if (fault) co_return co_await send_reply(exchange, *fault, false);
  if (!beast::websocket::is_upgrade(exchange.head()) || connection.buffer.size() != 0) {
    const HttpReply reply = refusal(426, "upgrade_required", "this path speaks WebSocket only");
    co_return co_await send_reply(exchange, reply, false);
  }
  const auto pass = exchange.core.websockets.enter("");
  if (!pass) {
    const HttpReply reply = refusal(503, "busy", "too many WebSocket clients; try again later");
    co_return co_await send_reply(exchange, reply, false);
  }
  connection.is_websocket = true;
  connection.stream.watch(nullptr);
  co_await serve_websocket(exchange.core, std::move(connection.stream), exchange.head());
  co_return false;
}

/// Waits for a request and serves it. True when the connection may carry another one.
asio::awaitable<bool> next_request(ServerCore& core, Connection& connection) {
  const ServerLimits& limits = core.config.limits;
  Stream& stream = connection.stream;
  beast::flat_buffer& buffer = connection.buffer;
  if (buffer.size() == 0) {
    if (!co_await flush(core, connection)) co_return false;
    stream.expires_after(connection.is_first ? limits.header_deadline : limits.idle_deadline);
    const Transfer read = co_await stream.read(buffer.prepare(kFirstReadBytes));
    if (read.failure) co_return false;
    buffer.commit(read.count);
  }
  connection.is_first = false;
  if (const auto served = co_await serve_plain(core, connection)) co_return *served;
  if (!co_await flush(core, connection)) co_return false;
  HeadParser parser;
  parser.header_limit(limits.header_bytes);
  // Bodies are limited per route.
  parser.body_limit(boost::none);
  Exchange exchange{core, stream, buffer, parser, Clock::now()};
  stream.expires_at(exchange.started + limits.header_deadline);
  const error_code failure = co_await read_head(stream, buffer, parser);
  if (failure) co_return co_await refuse_head(exchange, failure);
  if (is_websocket(exchange.head())) co_return co_await serve_upgrade(exchange, connection);
  co_return co_await serve_request(exchange);
}

}  // namespace

HttpReply refusal(unsigned status, std::string_view kind, std::string_view message) {
  return {status, "application/json", dump_json({{"kind", kind}, {"message", message}})};
}

void append_reply(std::string& out, const HttpReply& reply, bool keep, std::string_view origin) {
  out += status_line(reply.status);
  out += "X-Content-Type-Options: nosniff\r\nConnection: ";
  out += keep ? "keep-alive\r\n" : "close\r\n";
  if (reply.status != 204) {
    out.append("Content-Type: ").append(reply.content_type).append("\r\nContent-Length: ");
    out.append(std::to_string(reply.body.size())).append("\r\n");
  }
  if (reply.status == 503) out += "Retry-After: 1\r\n";
  if (!origin.empty()) {
    out.append("Access-Control-Allow-Origin: ").append(origin);
    out +=
        "\r\nAccess-Control-Allow-Methods: GET, POST\r\n"
        "Access-Control-Allow-Headers: Content-Type\r\nVary: Origin\r\n";
  }
  out.append("\r\n").append(reply.body);
}

asio::awaitable<bool> send_reply(Exchange& exchange, const HttpReply& reply, bool keep) {
  const Head& head = exchange.head();
  keep = keep && head.keep_alive();
  // An origin that got this far and is not the node's own is on the list of allowed ones.
  std::string text;
  append_reply(text, reply, keep,
               reply.status < 400 ? header(head, http::field::origin) : std::string_view());
  exchange.stream.expires_after(exchange.core.config.limits.write_deadline);
  const error_code failure = co_await exchange.stream.write(text);
  co_return !failure && keep;
}

asio::awaitable<error_code> invite_body(Exchange& exchange) {
  if (!beast::iequals(exchange.head()[http::field::expect], "100-continue")) {
    co_return error_code{};
  }
  co_return co_await exchange.stream.write("HTTP/1.1 100 Continue\r\n\r\n");
}

asio::awaitable<void> serve_connection(ServerCore& core, Deadlines& deadlines, Stream stream,
                                       [[maybe_unused]] Turnstile::Pass pass) {
  Connection connection{std::move(stream), {}, {}};
  const Deadlines::Watch watch(deadlines, connection.stream);
  connection.stream.expires_after(core.config.limits.header_deadline);
  if (co_await connection.stream.handshake(asio::ssl::stream_base::server)) co_return;
  while (co_await next_request(core, connection)) {
  }
  if (!connection.is_websocket && co_await flush(core, connection)) {
    co_await connection.stream.close_gently();
  }
}

asio::awaitable<void> serve_refusal(Stream stream, [[maybe_unused]] Turnstile::Pass pass) {
  const HttpReply reply = refusal(503, "busy", "too many connections are open; try again later");
  std::string text;
  append_reply(text, reply, false, "");
  stream.expires_after(kLingerDeadline);
  co_await stream.write(text);
  co_await stream.close_gently();
}

}  // namespace bourse::rpc
