// SPDX-License-Identifier: Apache-2.0
#include "rpc/net.hpp"

#include <array>
#include <boost/asio/bind_executor.hpp>

// With sanitizers, g++ 12 takes the allocator of Asio's coroutine frames for a mismatched one.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace bourse::rpc {

void Stream::read_some(asio::mutable_buffer buffer, Handler handler) {
  auto bound = asio::bind_executor(get_executor(), std::move(handler));
  if (tls()) return tls()->async_read_some(buffer, std::move(bound));
  lowest().async_read_some(buffer, std::move(bound));
}

void Stream::write_some(asio::const_buffer buffer, Handler handler) {
  auto bound = asio::bind_executor(get_executor(), std::move(handler));
  if (tls()) return tls()->async_write_some(buffer, std::move(bound));
  lowest().async_write_some(buffer, std::move(bound));
}

void Stream::expires_at(Clock::time_point deadline) {
  if (watched_deadline_ == nullptr) return lowest().expires_at(deadline);
  *watched_deadline_ = deadline;
}

void Stream::watch(Clock::time_point* deadline) {
  if (watched_deadline_ != nullptr) *watched_deadline_ = Clock::time_point::max();
  watched_deadline_ = deadline;
  lowest().expires_never();
  error_code ignored;
  lowest().socket().non_blocking(true, ignored);
}

asio::awaitable<Transfer> Stream::read(asio::mutable_buffer buffer) {
  if (watched_deadline_ != nullptr && !tls()) {
    auto [failure, count] = co_await lowest().socket().async_read_some(buffer, kAwait);
    co_return Transfer{failure, count};
  }
  auto [failure, count] = co_await async_read_some(buffer, kAwait);
  co_return Transfer{failure, count};
}

asio::awaitable<error_code> Stream::write(std::string_view data) {
  while (!data.empty()) {
    const asio::const_buffer rest(data.data(), data.size());
    error_code failure = asio::error::would_block;
    std::size_t count = 0;
    // An answer nearly always fits into the socket's buffer, and then nobody has to wait.
    if (watched_deadline_ != nullptr && !tls()) {
      count = lowest().socket().write_some(rest, failure);
    }
    if (failure == asio::error::would_block) {
      std::tie(failure, count) = co_await async_write_some(rest, kAwait);
    }
    if (failure) co_return failure;
    data.remove_prefix(count);
  }
  co_return error_code{};
}

asio::awaitable<error_code> Stream::handshake(asio::ssl::stream_base::handshake_type type) {
  if (!tls()) co_return error_code{};
  auto [failure] = co_await tls()->async_handshake(type, kAwait);
  co_return failure;
}

asio::awaitable<void> Stream::close_gently() {
  expires_after(kLingerDeadline);
  if (tls()) {
    co_await tls()->async_shutdown(kAwait);
  }
  error_code ignored;
  lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
  std::array<char, 4096> away;
  while (true) {
    auto [failure, count] = co_await lowest().async_read_some(asio::buffer(away), kAwait);
    if (failure) break;
  }
  lowest().close();
}

}  // namespace bourse::rpc
