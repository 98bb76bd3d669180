// SPDX-License-Identifier: Apache-2.0
//
// Plain requests of one connection: no parser, no copy of the body, and the answers to requests
// that arrived together leave together.
#include "rpc/http_policy.hpp"
#include "rpc/plain_http.hpp"
#include "rpc/session.hpp"

namespace bourse::rpc {
namespace {

constexpr std::size_t kBodyReadBytes = 256 * 1024;
/// More than so many bytes of answers do not wait for the requests behind them.
constexpr std::size_t kUnsentMax = 64 * 1024;

std::string_view text_of(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

const Endpoint* find_endpoint(const ServerCore& core, const PlainHead& head) {
  if (head.bytes > core.config.limits.header_bytes) return nullptr;
  if (!host_allowed(head.host, core.host_names)) return nullptr;
  for (const Endpoint& endpoint : core.endpoints) {
    if (endpoint.path != head.path || endpoint.method != "POST") continue;
    const bool fits = head.content_length <= endpoint.body_max &&
                      content_type_is(head.content_type, endpoint.accepts);
    return fits ? &endpoint : nullptr;
  }
  return nullptr;
}

/// Reads until the buffer holds `bytes`; false when the connection broke.
asio::awaitable<bool> fill(ServerCore& core, Connection& connection, std::size_t bytes) {
  if (connection.buffer.size() >= bytes) co_return true;
  const auto deadline = Clock::now() + core.config.limits.request_deadline;
  if (!co_await flush(core, connection)) co_return false;
  connection.stream.expires_at(deadline);
  while (connection.buffer.size() < bytes) {
    const std::size_t rest = bytes - connection.buffer.size();
    const Transfer read =
        co_await connection.stream.read(connection.buffer.prepare(std::min(rest, kBodyReadBytes)));
    if (read.failure) co_return false;
    connection.buffer.commit(read.count);
  }
  co_return true;
}

}  // namespace

asio::awaitable<bool> flush(ServerCore& core, Connection& connection) {
  if (connection.unsent.empty()) co_return true;
  connection.stream.expires_after(core.config.limits.write_deadline);
  const error_code failure = co_await connection.stream.write(connection.unsent);
  connection.unsent.clear();
  co_return !failure;
}

asio::awaitable<std::optional<bool>> serve_plain(ServerCore& core, Connection& connection) {
  const auto head = read_plain_head(text_of(connection.buffer));
  const Endpoint* endpoint = head ? find_endpoint(core, *head) : nullptr;
  if (endpoint == nullptr) co_return std::nullopt;
  // The views of the head are gone as soon as more is read.
  const std::size_t head_bytes = head->bytes;
  const std::size_t body_bytes = head->content_length;
  const auto place = core.admit_body(body_bytes);
  // Left to the path that words refusals.
  if (!place) co_return std::nullopt;
  if (!co_await fill(core, connection, head_bytes + body_bytes)) co_return false;
  connection.stream.expires_at(Clock::time_point::max());
  const std::string_view body = text_of(connection.buffer).substr(head_bytes, body_bytes);
  const HttpReply reply = co_await run_endpoint(*endpoint, body);
  append_reply(connection.unsent, reply, true, "");
  connection.buffer.consume(head_bytes + body_bytes);
  if (connection.buffer.size() == 0 &&
      connection.buffer.capacity() > core.config.limits.short_body_bytes) {
    connection.buffer.shrink_to_fit();
  }
  if (connection.unsent.size() > kUnsentMax) co_return co_await flush(core, connection);
  co_return true;
}

}  // namespace bourse::rpc
