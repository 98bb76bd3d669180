// SPDX-License-Identifier: Apache-2.0
//
// The wiring of a validator node: store, market, engine, RPC. Nothing is decided here.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/home.hpp"

namespace bourse::node {

/// Recovers the chain of a home without serving it, and scans the whole state for what breaks a law
/// of the market: one sentence per violation. `from_genesis` executes every block again and checks
/// every signature. Error kinds: those of Node::start.
Result<std::vector<std::string>> audit_home(Home home, bool from_genesis);

class Node {
 public:
  /// Recovers the chain, starts to make blocks and to serve. `on_fatal` is called when the node
  /// cannot go on; it must make the process exit. Error kinds: dev_on_other_network,
  /// dev_needs_loopback, not_a_validator, and those of the parts.
  static Result<std::unique_ptr<Node>> start(Home home, bool dev,
                                             std::function<void(const Error&)> on_fatal);
  /// Stops serving, finishes the block it is at and writes a checkpoint.
  ~Node();

  std::uint16_t port() const;
  const Hash& chain_id() const;

 private:
  friend Result<std::vector<std::string>> audit_home(Home home, bool from_genesis);
  struct Impl;
  explicit Node(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::node
