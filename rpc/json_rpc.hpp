// SPDX-License-Identifier: Apache-2.0
//
// JSON-RPC 2.0 to the letter, without a transport: text in, text out. The dispatcher knows the
// order of every method's parameters, so that a handler always sees them by name, and turns each
// failure into an error object whose `data.kind` programs can match on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace bourse::rpc {

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
/// The code of everything that Bourse itself refuses; `data.kind` tells the reasons apart.
inline constexpr int kBourseError = -32000;

inline constexpr std::size_t kBatchMax = 100;
/// What the results of one request body may add up to. Refusals are small and come on top.
inline constexpr std::size_t kResponseBytesMax = 4u << 20;

/// Whether what failed with an error of this kind may succeed a moment later, unchanged: the node
/// is busy, starting or out of reach.
bool passes_with_time(std::string_view kind);

/// An error object. `data` is {kind, retryable}.
struct RpcError {
  int code;
  std::string message;
  Json data;

  RpcError() : RpcError(kInternalError, "internal_error", "internal error") {}
  RpcError(int error_code, std::string_view kind, std::string text);
  /// Any Error of the layers below, so that TRY works in a handler.
  RpcError(const Error& error)  // NOLINT(google-explicit-constructor)
      : RpcError(kBourseError, error.kind, error.message) {}
};

using RpcResult = Result<Json, RpcError>;

/// Answers as text; `id` is JSON text.
std::string result_answer(std::string_view id, std::string_view result);
std::string error_answer(std::string_view id, const RpcError& error);

/// The caller's side: the result in an answer to request `id`, or its error with the kind that the
/// node gave (`rpc_error` when it gave none). `node_bad_answer` when it is no JSON-RPC 2.0.
Result<Json> result_of(const Json& answer, std::uint64_t id);

/// The method table. It is filled before the first request; handle() is then safe from any number
/// of threads, and so must the handlers be.
class Dispatcher {
 public:
  /// Gets an object whose keys are among the method's parameter names.
  using Handler = std::function<RpcResult(const Json& params)>;

  void add(std::string name, std::vector<std::string> params, Handler handler);

  /// The answer to one body, or nothing when it held only notifications. `session` is a table of
  /// methods that exist on this connection only; it is searched first.
  std::optional<std::string> handle(std::string_view body,
                                    const Dispatcher* session = nullptr) const;

 private:
  struct Method {
    std::vector<std::string> params;
    Handler handler;
  };
  const Method* find(const std::string& name) const;
  std::optional<std::string> answer(const Json& request, const Dispatcher* session,
                                    std::size_t room) const;
  RpcResult call(const std::string& name, const Json* params, const Dispatcher* session) const;
  std::string answer_batch(const Json& batch, const Dispatcher* session) const;

  std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace bourse::rpc
