// SPDX-License-Identifier: Apache-2.0
//
// What answers at each path, and on which thread: health at once, the rest where it cannot hold up
// the other connections.
#include <spdlog/spdlog.h>

#include "rpc/session.hpp"

namespace bourse::rpc {
namespace {

/// So few signatures take less time than to hand them to another thread and to come back.
constexpr std::size_t kSubmittedAtOnce = 2;

HttpReply health_reply(const std::function<Health()>& check) {
  const Health health = check();
  return {health.ok ? 200u : 503u, "text/plain; charset=utf-8", health.text + "\n"};
}

HttpReply busy_reply(const Error& error) { return refusal(503, error.kind, error.message); }

Error busy() {
  return {"busy", "the node has more to do than it can put off; try again in a moment"};
}

asio::awaitable<HttpReply> rpc_reply(ServerCore& core, std::string_view body) {
  auto answer = co_await answer_rpc(core, body, &core.http_methods);
  if (!answer) co_return busy_reply(answer.error());
  if (!*answer) co_return HttpReply{204, "", ""};
  co_return HttpReply{200, "application/json", std::move(**answer)};
}

asio::awaitable<HttpReply> route_reply(ServerCore& core, const Route& route,
                                       std::string_view body) {
  HttpReply reply;
  const std::function<void()> work = [&] { reply = route.handle(std::string(body)); };
  if (!co_await core.calls->run(1, work)) co_return busy_reply(busy());
  co_return reply;
}

}  // namespace

asio::awaitable<Result<std::optional<std::string>>> answer_rpc(ServerCore& core,
                                                               std::string_view body,
                                                               const Dispatcher* session) {
  using Kind = HotPath::Kind;
  const HotPath* hot = core.services.hot;
  PlainBody calls;
  const Kind kind = hot == nullptr ? Kind::general : hot->recognise(body, calls);
  std::optional<std::string> answer;
  if (kind == Kind::reads) {
    answer = hot->read(calls);
    if (answer) co_return answer;
  }
  const bool submits = kind == Kind::submissions;
  if (submits && calls.calls.size() <= kSubmittedAtOnce) {
    answer = hot->submit(calls);
    if (answer) co_return answer;
  }
  const std::function<void()> work = [&] {
    if (submits) answer = hot->submit(calls);
    if (!answer) answer = core.services.methods->handle(body, session);
  };
  WorkPool& pool = submits ? *core.submissions : *core.calls;
  const bool was_free = co_await pool.run(submits ? calls.calls.size() : 1, work);
  if (was_free) co_return answer;
  if (!submits) co_return busy();
  co_return HotPath::refuse(calls, RpcError(busy()));
}

asio::awaitable<HttpReply> run_endpoint(const Endpoint& endpoint, std::string_view body) {
  try {
    co_return co_await endpoint.serve(body);
  } catch (const std::exception& failure) {
    spdlog::error("{} {} threw: {}", endpoint.method, endpoint.path, failure.what());
  } catch (...) {
    spdlog::error("{} {} threw", endpoint.method, endpoint.path);
  }
  co_return refusal(500, "internal_error", "internal error");
}

std::vector<Endpoint> make_endpoints(ServerCore& core) {
  const ServerLimits& limits = core.config.limits;
  std::vector<Endpoint> out;
  for (const Route& route : core.services.routes) {
    out.push_back(
        {route.method, route.path, route.accepts, route.accepts.empty() ? 0 : limits.body_bytes,
         [&core, &route](std::string_view body) { return route_reply(core, route, body); }});
  }
  out.push_back({"POST", "/", "application/json", limits.body_bytes,
                 [&core](std::string_view body) { return rpc_reply(core, body); }});
  if (core.services.hot != nullptr) {
    out.push_back({"POST", "/tx", "application/cbor", limits.tx_body_bytes,
                   [&core](std::string_view body) { return answer_txs(core, body); }});
  }
  const auto add_health = [&](std::string path, const std::function<Health()>& check) {
    out.push_back(
        {"GET", std::move(path), "", 0, [&check](std::string_view) -> asio::awaitable<HttpReply> {
           co_return health_reply(check);
         }});
  };
  add_health("/livez", core.services.live);
  add_health("/readyz", core.services.ready);
  return out;
}

}  // namespace bourse::rpc
