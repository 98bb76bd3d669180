// SPDX-License-Identifier: Apache-2.0
//
// bench_echo: the ceiling of the node's reads. A plain asynchronous HTTP server on Boost.Beast that
// does nothing but send each body back. Prints its port; ends with its standard input.
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : socket_(std::move(socket)) {}

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code failure, std::size_t) {
                       if (!failure) self->reply();
                     });
  }

 private:
  void reply() {
    response_ = {};
    response_.result(http::status::ok);
    response_.set(http::field::content_type, "application/json");
    response_.body() = std::move(request_.body());
    response_.prepare_payload();
    http::async_write(socket_, response_,
                      [self = shared_from_this()](beast::error_code failure, std::size_t) {
                        if (!failure) self->read();
                      });
  }

  tcp::socket socket_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(asio::io_context& context, tcp::acceptor& acceptor) {
  acceptor.async_accept(asio::make_strand(context),
                        [&](beast::error_code failure, tcp::socket socket) {
                          if (failure) return;
                          socket.set_option(tcp::no_delay(true));
                          std::make_shared<Session>(std::move(socket))->read();
                          accept(context, acceptor);
                        });
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  asio::io_context context(threads);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  accept(context, acceptor);
  std::printf("%u\n", unsigned{acceptor.local_endpoint().port()});
  std::fflush(stdout);
  std::vector<std::jthread> workers;
  for (int i = 0; i < threads; ++i) workers.emplace_back([&] { context.run(); });
  while (std::getchar() != EOF) {
  }
  context.stop();
  return 0;
}
