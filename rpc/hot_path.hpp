// SPDX-License-Identifier: Apache-2.0
//
// The short way for the bodies that a busy node gets by the thousand: plainly written calls of
// hot_methods, and plainly written tx_submit, whose transactions go to the engine together. Its
// answer is the Dispatcher's, byte for byte, or it has none and the Dispatcher is asked.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/method.hpp"
#include "rpc/plain_call.hpp"

namespace bourse::rpc {

class HotPath {
 public:
  /// `backend` must outlive it.
  explicit HotPath(const Backend& backend);

  /// What to do with a body: execute reads here and now, give submissions to a thread that has
  /// time for signatures, and anything else to the Dispatcher.
  enum class Kind { reads, submissions, general };
  /// Takes the body apart into `calls`, which has views into it.
  Kind recognise(std::string_view body, PlainBody& calls) const;

  // Nothing when the Dispatcher has to answer after all: no call has been submitted then.
  std::optional<std::string> read(const PlainBody& body) const;
  std::optional<std::string> submit(const PlainBody& body) const;
  /// The answer to a body of which nothing was executed.
  static std::string refuse(const PlainBody& body, const RpcError& error);

  chain::Engine& engine() const { return backend_.engine; }

 private:
  struct HotMethod {
    std::string param;
    decltype(Method::call_plain) call;
  };
  const HotMethod* find(const PlainCall& call) const;
  std::string submit_all(const PlainBody& body, std::vector<Bytes> raws) const;

  const Backend& backend_;
  std::map<std::string, HotMethod, std::less<>> methods_;
};

}  // namespace bourse::rpc
