// SPDX-License-Identifier: Apache-2.0
//
// What orders transactions, whichever way it does so: solo (chain/solo.hpp) alone, a BFT engine
// together with others. Everything but start and stop may be called from any thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "chain/block.hpp"
#include "chain/lookup.hpp"

namespace bourse::chain {

struct EngineStatus {
  /// Of the newest block; height 0 and a zero hash when there is none.
  Height height;
  Hash hash;
  TimeMs time;
  /// In all blocks together.
  std::uint64_t transactions = 0;
  std::size_t waiting = 0;
  bool running = false;
  /// Why it stopped for good: the process has to exit and start again.
  std::optional<Error> failure;
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// Recovers the state and starts to make blocks.
  virtual Result<void> start() = 0;
  virtual void stop() = 0;

  /// Checks transactions and lets them wait for a block. One answer each, in their order: the id,
  /// also of one that waits or is in a block already. Error kinds: those of verify_tx,
  /// StateMachine::check and Mempool::add, engine_not_running, disk_low.
  virtual std::vector<Result<Hash>> submit_all(std::vector<Bytes> raws) = 0;
  Result<Hash> submit(Bytes raw) {
    std::vector<Bytes> one;
    one.push_back(std::move(raw));
    return submit_all(std::move(one)).front();
  }

  virtual EngineStatus status() const = 0;
  /// The nonce that the account's next transaction should carry, waiting ones counted.
  virtual Nonce next_nonce(const Address& address) const = 0;
  /// Error kinds: tx_waiting, tx_not_found, store_corrupt.
  virtual Result<Inclusion> find(const Hash& tx) const = 0;
  /// Where a subject occurs in the chain. Error kind: store_corrupt.
  virtual Result<std::vector<Occurrence>> history(const Subject& subject,
                                                  const HistoryRange& range) const = 0;

  /// Calls `listener` from the engine's thread after each commit. Register before start.
  virtual void on_block(std::function<void(const Block&)> listener) = 0;
};

}  // namespace bourse::chain
