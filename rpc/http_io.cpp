// SPDX-License-Identifier: Apache-2.0
#include "rpc/http_io.hpp"

namespace bourse::rpc {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

template <bool kIsRequest, class IsDone>
asio::awaitable<error_code> parse_until(Stream& stream, beast::flat_buffer& buffer,
                                        http::basic_parser<kIsRequest>& parser, IsDone is_done) {
  while (!is_done()) {
    error_code failure;
    if (buffer.size() != 0) {
      buffer.consume(parser.put(buffer.data(), failure));
      if (!failure) continue;
      if (failure != http::error::need_more) co_return failure;
    }
    const Transfer read = co_await stream.read(buffer.prepare(kReadBytes));
    buffer.commit(read.count);
    if (read.failure != asio::error::eof) {
      if (read.failure) co_return read.failure;
      continue;
    }
    if (!parser.got_some()) co_return http::make_error_code(http::error::end_of_stream);
    failure = {};
    parser.put_eof(failure);
    if (failure || !is_done()) co_return failure ? failure : read.failure;
  }
  co_return error_code{};
}

}  // namespace

template <bool kIsRequest>
asio::awaitable<error_code> read_head(Stream& stream, beast::flat_buffer& buffer,
                                      http::basic_parser<kIsRequest>& parser) {
  parser.eager(false);
  return parse_until(stream, buffer, parser, [&parser] { return parser.is_header_done(); });
}

template <bool kIsRequest>
asio::awaitable<error_code> read_body(Stream& stream, beast::flat_buffer& buffer,
                                      http::basic_parser<kIsRequest>& parser) {
  parser.eager(true);
  return parse_until(stream, buffer, parser, [&parser] { return parser.is_done(); });
}

template asio::awaitable<error_code> read_head(Stream&, beast::flat_buffer&,
                                               http::basic_parser<true>&);
template asio::awaitable<error_code> read_head(Stream&, beast::flat_buffer&,
                                               http::basic_parser<false>&);
template asio::awaitable<error_code> read_body(Stream&, beast::flat_buffer&,
                                               http::basic_parser<true>&);
template asio::awaitable<error_code> read_body(Stream&, beast::flat_buffer&,
                                               http::basic_parser<false>&);

std::string status_line(unsigned status) {
  if (status == 200) return "HTTP/1.1 200 OK\r\n";
  return "HTTP/1.1 " + std::to_string(status) + " " +
         std::string(http::obsolete_reason(static_cast<http::status>(status))) + "\r\n";
}

std::string header_text(const http::fields& fields) {
  std::string text;
  for (const auto& field : fields) {
    text.append(field.name_string()).append(": ").append(field.value()).append("\r\n");
  }
  return text + "\r\n";
}

}  // namespace bourse::rpc
