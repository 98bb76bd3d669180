// SPDX-License-Identifier: Apache-2.0
#include "rpc/work_pool.hpp"

#include <boost/asio/post.hpp>

namespace bourse::rpc {

asio::awaitable<bool> WorkPool::run(std::size_t weight, const std::function<void()>& work) {
  const auto pass = places_.enter("", weight);
  if (!pass) co_return false;
  std::exception_ptr failure;
  const auto start = [&](auto handler) {
    asio::post(threads_, [&, handler = std::move(handler)]() mutable {
      try {
        work();
      } catch (...) {
        failure = std::current_exception();
      }
      const auto executor = asio::get_associated_executor(handler);
      asio::post(executor, std::move(handler));
    });
  };
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(start, asio::use_awaitable);
  if (failure) std::rethrow_exception(failure);
  co_return true;
}

}  // namespace bourse::rpc
