// SPDX-License-Identifier: Apache-2.0
//
// The deadlines of all connections of one thread, looked through several times a second: setting
// one is a store to memory. Nothing here is safe from other threads. Private to the server.
#pragma once

#include "rpc/net.hpp"

#include <boost/asio/steady_timer.hpp>
#include <list>

namespace bourse::rpc {

/// How late a connection may be closed.
inline constexpr std::chrono::milliseconds kDeadlineTick{100};

class Deadlines {
  struct Entry {
    Stream* stream;
    Clock::time_point deadline = Clock::time_point::max();
  };

 public:
  /// Watches a stream, which stays where it is and does nothing any more when this ends.
  class Watch {
   public:
    Watch(Deadlines& deadlines, Stream& stream)
        : all_(deadlines.all_), place_(all_.insert(all_.end(), {&stream})) {
      stream.watch(&place_->deadline);
    }
    ~Watch() { all_.erase(place_); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    std::list<Entry>& all_;
    std::list<Entry>::iterator place_;
  };

  /// Closes what is late, for ever.
  asio::awaitable<void> run() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
      timer.expires_after(kDeadlineTick);
      co_await timer.async_wait(kAwait);
      const auto now = Clock::now();
      for (Entry& entry : all_) {
        if (entry.deadline <= now) entry.stream->lowest().close();
      }
    }
  }

 private:
  std::list<Entry> all_;
};

}  // namespace bourse::rpc
