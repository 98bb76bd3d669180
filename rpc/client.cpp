// SPDX-License-Identifier: Apache-2.0
#include "rpc/client.hpp"

#include "rpc/dialer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/beast/http/string_body.hpp>

#include "base/crypto.hpp"
#include "rpc/http_io.hpp"
#include "rpc/json_rpc.hpp"
#include "rpc/limits.hpp"

namespace bourse::rpc {
namespace {

/// Above what the server sends, so that its own refusal is what the caller sees.
constexpr std::uint64_t kAnswerBytesMax = 8u << 20;

/// A refusal of a blob is a short JSON object.
constexpr std::uint64_t kBlobRefusalBytes = 4096;

struct Answer {
  unsigned status = 0;
  std::string body;
};

struct HttpCall {
  std::string head;
  std::string_view body;
  std::uint64_t answer_bytes_max = kAnswerBytesMax;
  std::chrono::milliseconds timeout;
  /// Wait for the server's consent before the body is sent.
  bool ask_first = false;
  Repeat repeat = Repeat::allowed;
};

/// Whether nothing has happened on an idle connection; a server that closed it has sent its end.
bool is_still_open(Stream& stream) {
  char byte = 0;
  const int fd = stream.lowest().socket().native_handle();
  const ssize_t count = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::string credential_lines(const BlobCredentials& credentials) {
  std::string lines =
      "X-Bourse-Key: " + to_hex(credentials.key.bytes) +
      "\r\nX-Bourse-Valid-Until: " + std::to_string(credentials.valid_until.value()) +
      "\r\nX-Bourse-Signature: " + to_hex(credentials.signature.bytes) + "\r\n";
  if (credentials.job) lines += "X-Bourse-Job: " + to_hex(credentials.job->bytes) + "\r\n";
  return lines;
}

/// The error in an HTTP answer that is not a success.
Error refused(const Answer& answer) {
  const auto body = parse_json(answer.body);
  if (body && body->is_object() && body->contains("kind") && (*body)["kind"].is_string()) {
    const Json message = body->value("message", Json(""));
    return {(*body)["kind"].get<std::string>(),
            message.is_string() ? message.get<std::string>() : ""};
  }
  return {"node_refused", "the node answered with HTTP status " + std::to_string(answer.status)};
}

}  // namespace

struct Client::Impl {
  std::unique_ptr<Dialer> dialer;
  std::unique_ptr<Stream> stream;
  beast::flat_buffer buffer;
  std::uint64_t last_id = 0;

  std::string head(std::string_view method, std::string_view path) const {
    return std::string(method) + " " + std::string(path) +
           " HTTP/1.1\r\nHost: " + dialer->authority() + "\r\n";
  }

  /// Sends and receives over the open connection.
  asio::awaitable<error_code> transfer(const HttpCall& call, Answer& answer) {
    stream->expires_after(call.timeout);
    std::string first = call.head;
    if (!call.ask_first) first += call.body;
    error_code failure = co_await stream->write(first);
    if (failure) co_return failure;
    http::response_parser<http::string_body> parser;
    if (call.ask_first) {
      failure = co_await read_head(*stream, buffer, parser);
      if (failure) co_return failure;
      if (parser.get().result() != http::status::continue_)
        co_return co_await finish(parser, answer);
      failure = co_await stream->write(call.body);
      if (failure) co_return failure;
    }
    http::response_parser<http::string_body> final_parser;
    final_parser.body_limit(call.answer_bytes_max);
    failure = co_await read_head(*stream, buffer, final_parser);
    if (failure) co_return failure;
    co_return co_await finish(final_parser, answer);
  }

  asio::awaitable<error_code> finish(http::response_parser<http::string_body>& parser,
                                     Answer& answer) {
    const error_code failure = co_await read_body(*stream, buffer, parser);
    answer.status = parser.get().result_int();
    answer.body = std::move(parser.get().body());
    if (failure || !parser.keep_alive()) stream.reset();
    co_return failure;
  }

  asio::awaitable<Result<Answer>> exchange(const HttpCall& call) {
    bool is_reused = stream != nullptr && is_still_open(*stream);
    while (true) {
      if (!is_reused) {
        buffer.clear();
        stream.reset();
        auto fresh = co_await dialer->connect();
        if (!fresh) co_return fresh.error();
        stream = std::move(*fresh);
      }
      Answer answer;
      const error_code failure = co_await transfer(call, answer);
      if (!failure) co_return answer;
      stream.reset();
      if (failure == http::error::body_limit) {
        co_return Error{"answer_too_large", "the answer has more than " +
                                                std::to_string(call.answer_bytes_max) + " bytes"};
      }
      // A connection that was idle may have been closed just now.
      if (!is_reused || answer.status != 0 || call.repeat == Repeat::forbidden) {
        co_return dialer->unreachable(failure.message());
      }
      is_reused = false;
    }
  }

  Result<Answer> run(const HttpCall& call) {
    Result<Answer> result;
    asio::co_spawn(dialer->context(), exchange(call),
                   [&result](std::exception_ptr failure, Result<Answer> answer) {
                     if (failure) std::rethrow_exception(failure);
                     result = std::move(answer);
                   });
    try {
      dialer->context().restart();
      dialer->context().run();
    } catch (const std::exception& failure) {
      stream.reset();
      return Error{"internal_error", failure.what()};
    }
    return result;
  }

  std::chrono::milliseconds blob_timeout(std::uint64_t bytes) const {
    return dialer->config().timeout +
           std::chrono::milliseconds(bytes * 1000 / ServerLimits{}.blob_bytes_per_second);
  }
};

Client::Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::open(ClientConfig config) {
  Client client;
  client.impl_ = std::make_unique<Impl>();
  TRY_ASSIGN(client.impl_->dialer, Dialer::make(std::move(config)));
  return client;
}

const ClientConfig& Client::config() const { return impl_->dialer->config(); }

Result<Json> Client::call(std::string_view method, const Json& params, Repeat repeat) {
  const std::uint64_t id = ++impl_->last_id;
  const std::string body =
      dump_json({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}, {"id", id}});
  HttpCall call;
  call.head = impl_->head("POST", "/") +
              "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n";
  call.body = body;
  call.timeout = impl_->dialer->config().timeout;
  call.repeat = repeat;
  TRY_ASSIGN(const Answer answer, impl_->run(call));
  if (answer.status != 200) return refused(answer);

  TRY_ASSIGN(const Json parsed, parse_json(answer.body));
  return result_of(parsed, id);
}

Result<Json> Client::put_blob(const Hash& hash, ByteView data, const BlobCredentials& credentials) {
  HttpCall call;
  call.head = impl_->head("PUT", "/blob/" + to_hex(hash.bytes)) + credential_lines(credentials) +
              "Expect: 100-continue\r\nContent-Length: " + std::to_string(data.size()) + "\r\n\r\n";
  call.body = as_text(data);
  call.timeout = impl_->blob_timeout(data.size());
  call.ask_first = true;
  TRY_ASSIGN(const Answer answer, impl_->run(call));
  if (answer.status != 200) return refused(answer);
  return parse_json(answer.body);
}

Result<Bytes> Client::get_blob(const Hash& hash, const BlobCredentials& credentials,
                               std::uint64_t max_bytes) {
  HttpCall call;
  call.head =
      impl_->head("GET", "/blob/" + to_hex(hash.bytes)) + credential_lines(credentials) + "\r\n";
  // A refusal must fit as well.
  call.answer_bytes_max = std::max<std::uint64_t>(max_bytes, kBlobRefusalBytes);
  call.timeout = impl_->blob_timeout(max_bytes);
  TRY_ASSIGN(const Answer answer, impl_->run(call));
  if (answer.status != 200) return refused(answer);
  const ByteView body = as_bytes(answer.body);
  if (body.size() > max_bytes) {
    return Error{"answer_too_large", "the blob has more than the " + std::to_string(max_bytes) +
                                         " bytes that were expected"};
  }
  if (sha256(body) != hash) {
    return Error{"blob_hash_mismatch",
                 "the node sent other data than was asked for; do not trust "
                 "it, and try another node"};
  }
  return Bytes(body.begin(), body.end());
}

}  // namespace bourse::rpc
