// SPDX-License-Identifier: Apache-2.0
#include "bench/load/http.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>

namespace bourse::bench {
namespace {

constexpr timeval kAnswerTimeout{20, 0};

/// The value of a header line of `head`, whose names the servers here write in this case.
std::optional<std::string_view> header(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + name.size();
  return head.substr(begin, head.find('\r', begin) - begin);
}

Error connection_lost(const char* when) {
  return {"connection_lost", std::string("the server went away or was silent ") + when};
}

}  // namespace

Result<UniqueFd> dial(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int yes = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerTimeout, sizeof kAnswerTimeout);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error{"connect_failed", "nothing listens on port " + std::to_string(port)};
  }
  return fd;
}

std::string post_head(std::string_view path, std::string_view content_type, std::size_t length) {
  std::string out = "POST ";
  out.append(path).append(" HTTP/1.1\r\nHost: localhost\r\nContent-Type: ").append(content_type);
  return out + "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

Result<std::optional<Response>> first_response(std::string_view bytes) {
  constexpr std::size_t kStatusAt = sizeof "HTTP/1.1 " - 1;
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::optional<Response>{};
  const std::string_view head = bytes.substr(0, end + 2);
  Response out;
  std::size_t length = 0;
  const auto length_text = header(head, "\r\nContent-Length: ");
  if (!head.starts_with("HTTP/1.1 ") || head.size() < kStatusAt + 3 || !length_text ||
      std::from_chars(length_text->begin(), length_text->end(), length).ec != std::errc{}) {
    return Error{"not_http", "the answer has no Content-Length: " + std::string(head)};
  }
  std::from_chars(head.data() + kStatusAt, head.data() + kStatusAt + 3, out.status);
  out.size = end + 4 + length;
  if (bytes.size() < out.size) return std::optional<Response>{};
  out.body = bytes.substr(end + 4, length);
  out.closes = header(head, "\r\nConnection: ") == "close";
  return std::optional(out);
}

Result<Caller> Caller::dial(std::uint16_t port) {
  TRY_ASSIGN(UniqueFd fd, bench::dial(port));
  return Caller(std::move(fd));
}

Result<std::string> Caller::post(std::string_view path, std::string_view type,
                                 std::string_view body) {
  const std::string request = post_head(path, type, body.size()).append(body);
  for (std::size_t sent = 0; sent < request.size();) {
    const auto count =
        ::send(fd_.get(), request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return connection_lost("when it was asked");
    sent += static_cast<std::size_t>(count);
  }
  inbox_.clear();
  for (;;) {
    char buffer[64 * 1024];
    const auto count = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (count <= 0) return connection_lost("before it answered");
    inbox_.append(buffer, static_cast<std::size_t>(count));
    TRY_ASSIGN(const auto response, first_response(inbox_));
    if (!response) continue;
    if (response->status != 200) return Error{"http_refused", std::string(response->body)};
    return std::string(response->body);
  }
}

Result<Json> Caller::call(const std::string& method, const Json& params) {
  const Json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
  TRY_ASSIGN(const std::string text, post("/", "application/json", dump_json(request)));
  TRY_ASSIGN(const Json answer, parse_json(text));
  if (const auto result = answer.find("result"); result != answer.end()) return Json(*result);
  return Error{answer["error"]["data"].value("kind", "rpc_error"),
               method + ": " + answer["error"].value("message", "")};
}

}  // namespace bourse::bench
