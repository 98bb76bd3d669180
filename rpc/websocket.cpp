// SPDX-License-Identifier: Apache-2.0
#include "rpc/websocket.hpp"

#include <boost/beast/websocket/stream.hpp>

namespace bourse::rpc {

namespace ws = boost::beast::websocket;

struct WebSocket::Impl {
  // false: no permessage-deflate, which costs memory per client.
  ws::stream<Stream, false> socket;
};

WebSocket::WebSocket(Stream stream, const WebSocketLimits& limits)
    : impl_(new Impl{ws::stream<Stream, false>(std::move(stream))}) {
  impl_->socket.next_layer().lowest().expires_never();
  impl_->socket.set_option(
      ws::stream_base::timeout{limits.handshake_deadline, 2 * limits.ping, true});
  impl_->socket.read_message_max(limits.message_bytes);
  impl_->socket.text(true);
  impl_->socket.auto_fragment(false);
}

WebSocket::~WebSocket() = default;

Stream::executor_type WebSocket::get_executor() { return impl_->socket.get_executor(); }

asio::awaitable<error_code> WebSocket::accept(const http::request<http::empty_body>& head) {
  auto [failure] = co_await impl_->socket.async_accept(head, kAwait);
  co_return failure;
}

asio::awaitable<error_code> WebSocket::connect(std::string_view host, std::string_view target) {
  const beast::string_view to(host.data(), host.size());
  const beast::string_view path(target.data(), target.size());
  auto [failure] = co_await impl_->socket.async_handshake(to, path, kAwait);
  co_return failure;
}

asio::awaitable<error_code> WebSocket::read(beast::flat_buffer& buffer) {
  auto [failure, size] = co_await impl_->socket.async_read(buffer, kAwait);
  co_return failure;
}

asio::awaitable<error_code> WebSocket::write(std::string_view text) {
  const asio::const_buffer buffer(text.data(), text.size());
  auto [failure, size] = co_await impl_->socket.async_write(buffer, kAwait);
  co_return failure;
}

asio::awaitable<error_code> WebSocket::close(CloseCode code, std::string_view reason) {
  const ws::close_reason why(static_cast<ws::close_code>(code),
                             beast::string_view(reason.data(), reason.size()));
  auto [failure] = co_await impl_->socket.async_close(why, kAwait);
  co_return failure;
}

void WebSocket::abort() { beast_close_socket(impl_->socket.next_layer()); }

}  // namespace bourse::rpc
