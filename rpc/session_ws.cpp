// SPDX-License-Identifier: Apache-2.0
//
// One WebSocket connection: the read loop answers calls one after another, the write loop drains
// the outbox, and a subscription that resumes has a coroutine that feeds it the past. All of them
// run on the connection's strand; only the outbox is touched by other threads.
#include "rpc/session.hpp"
#include "rpc/websocket.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace bourse::rpc {
namespace {

class WsSession : public std::enable_shared_from_this<WsSession> {
 public:
  WsSession(ServerCore& core, Stream stream)
      : core_(core),
        socket_(std::move(stream), {core.config.limits.header_deadline, core.config.limits.ws_ping,
                                    core.config.limits.ws_message_bytes}),
        changed_(socket_.get_executor()) {
    changed_.expires_at(Clock::time_point::max());
    methods_.add("chain_subscribe", {"topic", "options"},
                 [this](const Json& params) { return subscribe(params); });
    methods_.add("chain_unsubscribe", {"subscription"},
                 [this](const Json& params) { return unsubscribe(params); });
  }
  ~WsSession() {
    for (const std::string& id : subscriptions_) core_.services.hub->unsubscribe(id);
  }
  WsSession(const WsSession&) = delete;
  WsSession& operator=(const WsSession&) = delete;

  asio::awaitable<void> run(const Head& head) {
    if (co_await socket_.accept(head)) co_return;
    const auto wake = [weak = weak_from_this(), executor = socket_.get_executor()] {
      asio::post(executor, [weak] {
        if (const auto self = weak.lock()) self->outbox_changed();
      });
    };
    outbox_ = std::make_shared<Outbox>(core_.config.limits, wake);
    spawn(write_loop());
    co_await read_loop();
    done_ = true;
    changed_.cancel();
    socket_.abort();
  }

 private:
  /// The session lives as long as any of its coroutines.
  void spawn(asio::awaitable<void> work) {
    asio::co_spawn(socket_.get_executor(), std::move(work),
                   [self = shared_from_this()](std::exception_ptr) {});
  }

  void outbox_changed() {
    changed_.cancel();
    if (!outbox_->overflowed() || done_) return;
    close(CloseCode::policy, "too slow; resume by from_height");
  }

  /// Closes with a reason; a peer that does not take it within the deadline is cut off.
  void close(CloseCode code, std::string_view reason) {
    done_ = true;
    changed_.cancel();
    spawn(say_goodbye(code, reason));
    auto timer = std::make_shared<asio::steady_timer>(socket_.get_executor(),
                                                      core_.config.limits.write_deadline);
    timer->async_wait([self = shared_from_this(), timer](error_code) { self->socket_.abort(); });
  }

  asio::awaitable<void> say_goodbye(CloseCode code, std::string_view reason) {
    co_await socket_.close(code, reason);
  }

  asio::awaitable<void> read_loop() {
    beast::flat_buffer buffer;
    while (true) {
      if (co_await socket_.read(buffer)) co_return;
      const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
      // Nothing else touches the subscriptions meanwhile, so that another thread may do it.
      auto answer = co_await answer_rpc(core_, text, &methods_);
      buffer.consume(buffer.size());
      if (!answer) answer = error_answer("null", RpcError(answer.error()));
      if (*answer) outbox_->push_paced(std::move(**answer));
      // A subscription starts as soon as its id is in the queue before its events.
      for (std::string& id : std::exchange(fresh_, {})) {
        auto step = core_.services.hub->catch_up(id);
        spawn(feed(std::move(id), std::move(step)));
      }
      co_await drained();
    }
  }

  asio::awaitable<void> write_loop() {
    while (!done_) {
      const auto message = outbox_->pop();
      if (!message) {
        // Senders that pace themselves wait for this.
        changed_.cancel();
        co_await changed_.async_wait(kAwait);
        continue;
      }
      // The read loop ends with the connection, and everything with the read loop.
      if (co_await socket_.write(*message)) co_return socket_.abort();
    }
  }

  asio::awaitable<void> drained() {
    while (!done_ && !outbox_->empty()) co_await changed_.async_wait(kAwait);
  }

  asio::awaitable<void> feed(std::string id, SubscriptionHub::Step step) {
    while (!done_) {
      if (!step) {
        co_await drained();
        close(CloseCode::internal_error, "the past cannot be read");
        co_return;
      }
      if (!*step) co_return;
      for (std::string& message : **step) {
        if (done_) co_return;
        outbox_->push_paced(std::move(message));
        co_await drained();
      }
      step = core_.services.hub->catch_up(id);
    }
  }

  RpcResult subscribe(const Json& params) {
    if (core_.services.hub == nullptr || !params.contains("topic") ||
        !params["topic"].is_string()) {
      return RpcError(kInvalidParams, "invalid_params", "topic: the name of a topic is missing");
    }
    const Json options = params.value("options", Json::object());
    if (!options.is_object()) {
      return RpcError(kInvalidParams, "invalid_params", "options: must be an object");
    }
    const std::size_t most = core_.config.limits.ws_subscriptions;
    if (subscriptions_.size() >= most) {
      return RpcError(kBourseError, "too_many_subscriptions",
                      "a connection has at most " + std::to_string(most) + " subscriptions");
    }
    const auto id =
        core_.services.hub->subscribe(params["topic"].get<std::string>(), options, outbox_);
    if (!id) return RpcError(kInvalidParams, id.error().kind, id.error().message);
    subscriptions_.push_back(*id);
    fresh_.push_back(*id);
    return Json(*id);
  }

  RpcResult unsubscribe(const Json& params) {
    if (!params.contains("subscription") || !params["subscription"].is_string()) {
      return RpcError(kInvalidParams, "invalid_params", "subscription: the id is missing");
    }
    const auto found = std::ranges::find(subscriptions_, params["subscription"].get<std::string>());
    if (found == subscriptions_.end()) return Json(false);
    core_.services.hub->unsubscribe(*found);
    subscriptions_.erase(found);
    return Json(true);
  }

  ServerCore& core_;
  WebSocket socket_;
  /// Cancelled whenever the outbox or done_ has changed, which wakes all who wait on it.
  asio::steady_timer changed_;
  std::shared_ptr<Outbox> outbox_;
  Dispatcher methods_;
  std::vector<std::string> subscriptions_;
  std::vector<std::string> fresh_;
  bool done_ = false;
};

}  // namespace

asio::awaitable<void> serve_websocket(ServerCore& core, Stream&& stream, const Head& head) {
  const auto session = std::make_shared<WsSession>(core, std::move(stream));
  co_await session->run(head);
}

}  // namespace bourse::rpc
