// SPDX-License-Identifier: Apache-2.0
#include "bench/load/pump.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <deque>
#include <vector>

#include "bench/load/http.hpp"

namespace bourse::bench {
namespace {

constexpr std::chrono::seconds kSilenceMax{20};
/// How long to wait for an event when a connection could send and the workload has nothing to send.
constexpr int kPauseMs = 1;
constexpr int kWaitMs = 100;

struct Connection {
  UniqueFd fd;
  std::deque<Request> unsent;
  std::size_t sent = 0;  // bytes of the first unsent request
  std::deque<std::uint64_t> awaited;
  std::string inbox;
  std::size_t read = 0;  // bytes of the inbox that have been looked at

  std::size_t in_flight() const { return awaited.size(); }
};

class Pump {
 public:
  Pump(const PumpOptions& options, Workload& workload, Clock::time_point end)
      : options_(options), workload_(workload), end_(end) {}

  Result<void> run() {
    TRY(open());
    Clock::time_point heard = Clock::now();
    for (;;) {
      Clock::time_point now = Clock::now();
      is_over_ = now >= end_ || workload_.finished();
      bool is_starved = false;
      for (Connection& connection : connections_) {
        TRY_ASSIGN(const bool starved, fill(connection));
        is_starved = is_starved || starved;
      }
      if (in_flight_ == 0 && is_over_) return {};
      epoll_event events[64];
      const int count = ::epoll_wait(epoll_.get(), events, 64, is_starved ? kPauseMs : kWaitMs);
      now = Clock::now();
      if (count > 0 || in_flight_ == 0) heard = now;
      if (now - heard > kSilenceMax) return Error{"connection_lost", "the server is silent"};
      for (int i = 0; i < count; ++i) {
        Connection& connection = connections_[events[i].data.u32];
        if ((events[i].events & EPOLLOUT) != 0) TRY(send(connection));
        if ((events[i].events & ~EPOLLOUT) != 0) TRY(receive(connection));
      }
    }
  }

 private:
  Result<void> open() {
    epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    connections_.resize(options_.connections);
    for (std::size_t i = 0; i < connections_.size(); ++i) TRY(connect(i));
    return {};
  }

  Result<void> connect(std::size_t index) {
    TRY_ASSIGN(connections_[index].fd, dial(options_.port));
    const int fd = connections_[index].fd.get();
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u32 = static_cast<std::uint32_t>(index);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
    return {};
  }

  /// Fills the window. True when there was room and nothing to send.
  Result<bool> fill(Connection& connection) {
    while (connection.in_flight() < options_.window && !is_over_) {
      const auto request = workload_.next();
      if (!request) return true;
      connection.unsent.push_back(*request);
      connection.awaited.push_back(request->ticket);
      ++in_flight_;
      TRY(send(connection));
    }
    return false;
  }

  static Result<void> send(Connection& connection) {
    while (!connection.unsent.empty()) {
      const std::string_view rest = connection.unsent.front().bytes.substr(connection.sent);
      const auto count = ::send(connection.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) return {};
      if (count <= 0) return Error{"connection_lost", "the server has closed a connection"};
      connection.sent += static_cast<std::size_t>(count);
      if (connection.sent < connection.unsent.front().bytes.size()) continue;
      connection.unsent.pop_front();
      connection.sent = 0;
    }
    return {};
  }

  Result<void> receive(Connection& connection) {
    for (;;) {
      char buffer[64 * 1024];
      const auto count = ::recv(connection.fd.get(), buffer, sizeof buffer, 0);
      if (count < 0 && errno == EAGAIN) return {};
      if (count <= 0) return Error{"connection_lost", "the server has closed a connection"};
      connection.inbox.append(buffer, static_cast<std::size_t>(count));
      TRY(answer(connection));
      // A short read has emptied the socket; the next byte wakes us.
      if (static_cast<std::size_t>(count) < sizeof buffer) return {};
    }
  }

  Result<void> answer(Connection& connection) {
    for (;;) {
      const std::string_view unread = std::string_view(connection.inbox).substr(connection.read);
      TRY_ASSIGN(const auto response, first_response(unread));
      if (!response) break;
      if (connection.awaited.empty()) return Error{"not_http", "an answer nobody asked for"};
      const std::uint64_t ticket = connection.awaited.front();
      connection.awaited.pop_front();
      --in_flight_;
      connection.read += response->size;
      TRY(workload_.answer(ticket, response->status, response->body));
    }
    connection.inbox.erase(0, connection.read);
    connection.read = 0;
    return {};
  }

  const PumpOptions options_;
  Workload& workload_;
  const Clock::time_point end_;
  UniqueFd epoll_;
  std::vector<Connection> connections_;
  std::size_t in_flight_ = 0;
  bool is_over_ = false;
};

}  // namespace

Result<void> pump(const PumpOptions& options, Workload& workload, Clock::time_point end) {
  return Pump(options, workload, end).run();
}

}  // namespace bourse::bench
