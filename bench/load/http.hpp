// SPDX-License-Identifier: Apache-2.0
//
// As much of HTTP/1.1 as a load generator needs, by hand so that it costs little: the clients share
// the machine with what they measure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/json.hpp"

namespace bourse::bench {

/// A connected socket on loopback without delays. Error kind: connect_failed.
Result<UniqueFd> dial(std::uint16_t port);

/// The head of a POST whose body has `length` bytes.
std::string post_head(std::string_view path, std::string_view content_type, std::size_t length);

struct Response {
  unsigned status = 0;
  std::string_view body;
  /// Bytes of head and body together.
  std::size_t size = 0;
  bool closes = false;
};

/// The response at the front of `bytes` once it is there whole. Every response here has a
/// Content-Length; one without is an error, as is a peer that speaks something else.
Result<std::optional<Response>> first_response(std::string_view bytes);

/// One request at a time over one connection, for what is not part of the load.
class Caller {
 public:
  static Result<Caller> dial(std::uint16_t port);
  /// The body of the answer. Error kinds: connection_lost, http_refused, not_http.
  Result<std::string> post(std::string_view path, std::string_view type, std::string_view body);
  /// The result of a JSON-RPC call. Its error's kind is that of the node.
  Result<Json> call(const std::string& method, const Json& params);

 private:
  explicit Caller(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  std::string inbox_;
};

}  // namespace bourse::bench
