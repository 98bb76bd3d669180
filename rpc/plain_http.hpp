// SPDX-License-Identifier: Apache-2.0
//
// Recognises the heads of requests that nearly every client sends: an HTTP/1.1 POST with
// Content-Length and none but the common fields. It refuses nothing: Beast's parser and the rules
// behind it get whatever is not recognised here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bourse::rpc {

struct PlainHead {
  std::string_view path;
  std::string_view host;
  std::string_view content_type;
  std::uint64_t content_length = 0;
  /// With the empty line at its end.
  std::size_t bytes = 0;
};

/// The head that `text` begins with. Nothing when it is incomplete or in any way unusual: another
/// field, a field twice, a connection that is to be closed, a query, a value with a strange byte.
std::optional<PlainHead> read_plain_head(std::string_view text);

}  // namespace bourse::rpc
