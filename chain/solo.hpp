// SPDX-License-Identifier: Apache-2.0
//
// The engine of one process and one validator. It makes a block as soon as there is something to
// put in it, when the state machine asks to be woken, and once more when the last block's root
// would otherwise stay in no header. SPEC 3.4.
//
// Locks: one thread (or, in tests, the caller of step) owns the chain's tip and drives the state
// machine and the store. mutex_ guards what others see of it, and is held while nothing else is
// called. The mempool has its own lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "chain/engine.hpp"
#include "chain/mempool.hpp"
#include "chain/state_machine.hpp"
#include "chain/store.hpp"

namespace bourse::chain {

struct SoloConfig {
  Hash chain_id;
  TimeMs genesis_time;
  /// Seed of the validator's ed25519 key.
  SecretKey consensus_seed;
  DurationMs proof_block{1000};
  std::uint64_t checkpoint_interval_blocks = 1000;
  std::size_t block_bytes_max = std::size_t{4} << 20;
  MempoolLimits mempool;
  /// Called once from the engine's thread when it cannot go on. It must make the process exit, and
  /// not by calling stop from there.
  std::function<void(const Error&)> on_fatal;
};

class SoloEngine : public Engine {
 public:
  using Clock = std::function<TimeMs()>;

  SoloEngine(SoloConfig config, StateMachine& machine, Store& store, Clock clock);
  ~SoloEngine() override;

  /// Error kinds: those of recover.
  Result<void> start() override;
  /// Finishes the block that it is at and writes a checkpoint.
  void stop() override;
  Result<Hash> submit(Bytes raw) override;
  EngineStatus status() const override;
  Nonce next_nonce(const Address& address) const override;
  Result<Inclusion> find(const Hash& tx) const override;
  void on_block(std::function<void(const Block&)> listener) override;

  /// Restores the newest checkpoint and executes the blocks after it again; each must come out as
  /// it is on record. Error kinds: checkpoint_corrupt, block_invalid, replay_mismatch,
  /// wrong_consensus_key, store_corrupt, store_failed. start does it; tests that use no thread call
  /// it themselves.
  Result<void> recover();
  /// Makes a block if one is due; true when it did. Error kinds: disk_full, store_failed.
  Result<bool> step();
  /// Looks at the clock again: for clocks that do not run by themselves.
  void poke();

 private:
  Result<void> check_running() const;
  Result<void> admit(Bytes raw);
  Error fail(Error error);

  void run();
  std::chrono::milliseconds idle_time();
  TimeMs last_time() const;
  TimeMs proof_time();
  TimeMs wake_time() const;
  const Hash& root();

  std::vector<VerifiedTx> choose(const BlockContext& context);
  Result<bool> make_block(const BlockContext& context, const std::vector<VerifiedTx>& txs,
                          bool only_woken);
  Block seal(const BlockContext& context, const std::vector<VerifiedTx>& txs, BlockOutcome outcome);
  void publish(const Header& header);
  Result<void> index(const Block& block);
  Result<void> checkpoint_if_due(std::uint64_t interval);
  Result<void> replay(const Block& block);

  const SoloConfig config_;
  const ConsensusKey key_;
  StateMachine& machine_;
  Store& store_;
  const Clock clock_;
  Mempool mempool_;
  std::vector<std::function<void(const Block&)>> listeners_;

  // Owned by the engine's thread.
  std::optional<Header> tip_;
  std::optional<Hash> root_;  // after the tip, once somebody has asked
  Height checkpoint_height_;  // 0 when there is none
  TimeMs quiet_until_;

  std::thread thread_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  EngineStatus status_;
  bool poked_ = false;
  bool stopping_ = false;
};

}  // namespace bourse::chain
