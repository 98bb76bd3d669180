// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "rpc/client.hpp"
#include "rpc/dialer.hpp"
#include "rpc/json_rpc.hpp"
#include "rpc/limits.hpp"
#include "rpc/websocket.hpp"

namespace bourse::rpc {
namespace {

/// Events are small, but a block's worth of them may come in one.
constexpr std::size_t kEventBytesMax = 8u << 20;
/// A connection carries one call.
constexpr std::uint64_t kRequestId = 1;

}  // namespace

struct Subscription::Impl {
  std::unique_ptr<Dialer> dialer;
  std::unique_ptr<WebSocket> socket;
  std::deque<std::string> messages;
  std::optional<Error> failure;
  std::string id;

  /// Dials, asks, and then reads for as long as the connection lives.
  asio::awaitable<void> converse(std::string request) {
    auto stream = co_await dialer->connect();
    if (!stream) {
      failure = stream.error();
      co_return;
    }
    socket = std::make_unique<WebSocket>(
        std::move(**stream),
        WebSocketLimits{dialer->config().timeout, ServerLimits{}.ws_ping, kEventBytesMax});
    error_code broken = co_await socket->connect(dialer->authority(), "/ws");
    if (!broken) broken = co_await socket->write(request);
    if (broken) {
      failure = dialer->unreachable(broken.message());
      co_return;
    }
    beast::flat_buffer buffer;
    while (true) {
      broken = co_await socket->read(buffer);
      if (broken) break;
      messages.emplace_back(static_cast<const char*>(buffer.data().data()), buffer.size());
      buffer.consume(buffer.size());
    }
    failure = Error{"subscription_closed", "the node ended the subscription (" + broken.message() +
                                               "); resume by from_height"};
  }

  /// The next message; nothing at the deadline.
  Result<std::optional<Json>> receive(Clock::time_point deadline) {
    asio::io_context& context = dialer->context();
    while (messages.empty()) {
      if (failure) return *failure;
      if (Clock::now() >= deadline) return std::optional<Json>();
      context.restart();
      context.run_one_until(deadline);
    }
    auto message = parse_json(messages.front());
    messages.pop_front();
    if (!message) return message.error();
    return std::optional<Json>(std::move(*message));
  }
};

Subscription::Subscription() = default;
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

Result<Subscription> Subscription::open(const ClientConfig& config, std::string_view topic,
                                        const Json& options) {
  Subscription subscription;
  subscription.impl_ = std::make_unique<Impl>();
  Impl& impl = *subscription.impl_;
  TRY_ASSIGN(impl.dialer, Dialer::make(config));
  const Json request = {{"jsonrpc", "2.0"},
                        {"method", "chain_subscribe"},
                        {"params", Json::array({topic, options})},
                        {"id", kRequestId}};
  asio::co_spawn(impl.dialer->context(), impl.converse(dump_json(request)),
                 [&impl](std::exception_ptr broken) {
                   if (broken) impl.failure = impl.dialer->unreachable("out of memory");
                 });
  TRY_ASSIGN(const auto answer, impl.receive(Clock::now() + config.timeout));
  if (!answer) return impl.dialer->unreachable("no answer in time");
  TRY_ASSIGN(const Json id, result_of(*answer, kRequestId));
  if (!id.is_string()) return Error{"node_bad_answer", "the node gave the subscription no id"};
  impl.id = id.get<std::string>();
  return subscription;
}

Result<std::optional<Json>> Subscription::next(std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    TRY_ASSIGN(const auto message, impl_->receive(deadline));
    if (!message) return message;
    const auto params = message->find("params");
    if (params == message->end() || !params->is_object()) continue;
    const auto result = params->find("result");
    if (params->value("subscription", Json()) == impl_->id && result != params->end()) {
      return std::optional<Json>(*result);
    }
  }
}

}  // namespace bourse::rpc
