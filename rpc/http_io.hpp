// SPDX-License-Identifier: Apache-2.0
//
// Reading HTTP messages with Beast's parser and our Stream. Beast's own asynchronous operations do
// the same, and take the compiler half a minute per file.
#pragma once

#include <string>

#include "rpc/net.hpp"

namespace bourse::rpc {

/// Reads up to the end of the head, and leaves what follows it in the buffer.
template <bool kIsRequest>
asio::awaitable<error_code> read_head(Stream& stream, beast::flat_buffer& buffer,
                                      http::basic_parser<kIsRequest>& parser);
/// Reads the rest of the message.
template <bool kIsRequest>
asio::awaitable<error_code> read_body(Stream& stream, beast::flat_buffer& buffer,
                                      http::basic_parser<kIsRequest>& parser);

/// `HTTP/1.1 200 OK` and the end of the line.
std::string status_line(unsigned status);
/// The header fields as they travel, with the empty line that ends them.
std::string header_text(const http::fields& fields);

}  // namespace bourse::rpc
