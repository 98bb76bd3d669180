// SPDX-License-Identifier: Apache-2.0
//
// Recognises the JSON-RPC bodies that nearly every client sends: calls of one string parameter,
// written without anything unusual. It decides nothing else: whatever it does not recognise is the
// Dispatcher's, so that JSON has one meaning here, that of parse_json.
#pragma once

#include <string_view>
#include <vector>

namespace bourse::rpc {

/// {"jsonrpc": "2.0", "id": id, "method": "method", "params": {"key": "value"}} in any order of the
/// members, or with the params ["value"] and then an empty key.
struct PlainCall {
  /// As in the body: an unsigned number, or a string with its quotes.
  std::string_view id;
  std::string_view method;
  std::string_view key;
  std::string_view value;
};

/// A body is one call or a batch of them.
struct PlainBody {
  bool is_batch = false;
  std::vector<PlainCall> calls;
};

/// False when there is anything unusual in the body, well-formed or not: an escape, a character
/// outside ASCII, a notification, a member too many, a batch that is empty or over
/// kBatchMax. The views are into `text`.
bool read_plain_body(std::string_view text, PlainBody& out);

}  // namespace bourse::rpc
