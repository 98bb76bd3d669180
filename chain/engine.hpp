// SPDX-License-Identifier: Apache-2.0
//
// What orders transactions, whichever way it does so: solo (chain/solo.hpp) alone, a BFT engine
// together with others. Everything but start and stop may be called from any thread.
#pragma once

#include <functional>
#include <optional>

#include "chain/block.hpp"

namespace bourse::chain {

struct EngineStatus {
  /// Of the newest block; height 0 and a zero hash when there is none.
  Height height;
  Hash hash;
  TimeMs time;
  std::size_t waiting = 0;
  bool running = false;
  /// Why it stopped for good: the process has to exit and start again.
  std::optional<Error> failure;
};

/// A transaction in a block.
struct Inclusion {
  Height height;
  std::uint32_t index = 0;
  TimeMs time;
  Receipt receipt;
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// Recovers the state and starts to make blocks.
  virtual Result<void> start() = 0;
  virtual void stop() = 0;

  /// Checks a transaction and lets it wait for a block; returns its id. Sending one again that
  /// waits or is in a block is a success too. Error kinds: those of verify_tx, StateMachine::check
  /// and Mempool::add, engine_not_running, disk_low.
  virtual Result<Hash> submit(Bytes raw) = 0;
  /// One answer per transaction, in their order; verified together. Error kinds: see submit.
  virtual std::vector<Result<Hash>> submit_all(std::vector<Bytes> raws) {
    std::vector<Result<Hash>> out;
    out.reserve(raws.size());
    for (Bytes& raw : raws) out.push_back(submit(std::move(raw)));
    return out;
  }

  virtual EngineStatus status() const = 0;
  /// The nonce that the account's next transaction should carry, waiting ones counted.
  virtual Nonce next_nonce(const Address& address) const = 0;
  /// Error kinds: tx_waiting, tx_not_found, store_corrupt.
  virtual Result<Inclusion> find(const Hash& tx) const = 0;

  /// Calls `listener` from the engine's thread after each commit. Register before start.
  virtual void on_block(std::function<void(const Block&)> listener) = 0;
};

}  // namespace bourse::chain
