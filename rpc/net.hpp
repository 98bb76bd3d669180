// SPDX-License-Identifier: Apache-2.0
//
// The door to Asio and Beast. Only the .cpp files and private headers of this folder include it:
// the libraries are compiled once, in net.cpp, and one Stream type serves TCP and TLS, so that
// HTTP and WebSocket code is compiled once as well.
#pragma once

// A file that sees these headers without the two definitions would have its own copies of the
// libraries' error categories, and errors would no longer compare equal.
#if defined(BOOST_ASIO_DETAIL_CONFIG_HPP) || defined(BOOST_BEAST_CORE_DETAIL_CONFIG_HPP)
#error "rpc/net.hpp comes before every header of Asio and Beast"
#endif
#define BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_BEAST_SEPARATE_COMPILATION

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <variant>

namespace bourse::rpc {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

/// Awaited operations give (error_code, value) instead of throwing.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// How long a connection that is being closed may still take, so that the peer reads the last
/// answer before it learns that nobody reads what it sends.
inline constexpr std::chrono::milliseconds kLingerDeadline{1'000};

struct Transfer {
  error_code failure;
  std::size_t count = 0;
};

/// A TCP connection with or without TLS. Every operation runs under the deadline that was set last.
/// A stream has a timer of its own, unless it is watched (rpc/deadlines.hpp): a timer costs more
/// than the rest of a small read.
class Stream {
 public:
  using executor_type = beast::tcp_stream::executor_type;

  explicit Stream(tcp::socket socket) : stream_(std::in_place_type<Plain>, std::move(socket)) {}
  Stream(tcp::socket socket, asio::ssl::context& context)
      : stream_(std::in_place_type<Tls>, std::move(socket), context) {}

  /// The TLS layer, or nullptr when there is none.
  beast::ssl_stream<beast::tcp_stream>* tls() { return std::get_if<Tls>(&stream_); }
  beast::tcp_stream& lowest() { return tls() ? tls()->next_layer() : std::get<Plain>(stream_); }
  executor_type get_executor() { return lowest().get_executor(); }

  void expires_at(Clock::time_point deadline);
  void expires_after(Clock::duration span) { expires_at(Clock::now() + span); }
  /// Notes deadlines there from now on, where somebody looks after them; nullptr ends it.
  void watch(Clock::time_point* deadline);

  /// At least one byte, or an error.
  asio::awaitable<Transfer> read(asio::mutable_buffer buffer);
  /// All of it, or an error.
  asio::awaitable<error_code> write(std::string_view data);
  /// Does nothing without TLS.
  asio::awaitable<error_code> handshake(asio::ssl::stream_base::handshake_type type);
  /// Says goodbye, and reads away what the peer still sends for a moment.
  asio::awaitable<void> close_gently();

  // Type-erased at this point, so that the layers below are compiled once. A sequence of buffers
  // is served by its first non-empty one, as the contract of *_some allows.
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](Handler handler, asio::mutable_buffer buffer) {
          read_some(buffer, std::move(handler));
        },
        token, first_of<asio::mutable_buffer>(buffers));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](Handler handler, asio::const_buffer buffer) {
          write_some(buffer, std::move(handler));
        },
        token, first_of<asio::const_buffer>(buffers));
  }

  // What Beast's WebSocket stream asks of a stream that is not its own.
  friend void beast_close_socket(Stream& stream) { stream.lowest().close(); }
  template <class Handler>
  friend void async_teardown(beast::role_type, Stream& stream, Handler&& handler) {
    asio::co_spawn(stream.get_executor(), stream.close_gently(),
                   [handler = std::forward<Handler>(handler)](std::exception_ptr) mutable {
                     handler(error_code{});
                   });
  }

 private:
  using Handler = asio::any_completion_handler<void(error_code, std::size_t)>;
  void read_some(asio::mutable_buffer buffer, Handler handler);
  void write_some(asio::const_buffer buffer, Handler handler);

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto it = asio::buffer_sequence_begin(buffers); it != end; ++it) {
      if (Buffer buffer(*it); buffer.size() != 0) return buffer;
    }
    return {};
  }

  using Plain = beast::tcp_stream;
  using Tls = beast::ssl_stream<beast::tcp_stream>;
  std::variant<Plain, Tls> stream_;
  Clock::time_point* watched_deadline_ = nullptr;
};

}  // namespace bourse::rpc
