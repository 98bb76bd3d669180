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
#include <future>
#include <mutex>
#include <thread>

#include "chain/block_feed.hpp"
#include "chain/engine.hpp"
#include "chain/mempool.hpp"
#include "chain/state_machine.hpp"
#include "chain/store.hpp"
#include "chain/verifier.hpp"

namespace bourse::chain {

struct SoloConfig {
  Hash chain_id;
  TimeMs genesis_time;
  /// Seed of the validator's ed25519 key.
  SecretKey consensus_seed;
  DurationMs proof_block{1000};
  std::uint64_t checkpoint_interval_blocks = 1000;
  /// How many of the newest blocks are kept; 0 keeps all.
  std::uint64_t keep_blocks = 0;
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
  std::vector<Result<Hash>> submit_all(std::vector<Bytes> raws) override;
  EngineStatus status() const override;
  Nonce next_nonce(const Address& address) const override;
  Result<Inclusion> find(const Hash& tx) const override;
  Result<std::vector<Occurrence>> history(const Subject& subject,
                                          const HistoryRange& range) const override;
  void on_block(std::function<void(const Block&)> listener) override;

  /// What a recovery trusts.
  enum class Trust : std::uint8_t {
    own_record,  ///< The checkpoint, and the signature on each block that this node has signed.
    /// An audit of every block from the first on, and of every signature in it. It writes nothing,
    /// and the engine does not run after it.
    nothing
  };
  /// Restores the checkpoint and executes the blocks after it again; each must come out as it is on
  /// record. Error kinds: checkpoint_corrupt, block_invalid, replay_mismatch, wrong_consensus_key,
  /// store_corrupt, store_failed. start does it; tests that use no thread call it themselves.
  Result<void> recover(Trust trust = Trust::own_record);
  /// Makes a block if one is due; true when it did. Error kinds: disk_full, store_failed.
  Result<bool> step();
  /// Looks at the clock again: for clocks that do not run by themselves.
  void poke();

 private:
  Result<void> check_running() const;
  Error fail(Error error);

  void run();
  bool is_crowded() const;
  std::chrono::milliseconds idle_time();
  TimeMs last_time() const;
  TimeMs proof_time();
  TimeMs wake_time() const;
  const Hash& root();

  std::vector<VerifiedTx> choose(const BlockContext& context);
  Result<bool> make_block(const BlockContext& context, const std::vector<VerifiedTx>& txs,
                          bool only_woken);
  Block seal(const BlockContext& context, const std::vector<VerifiedTx>& txs,
             const BlockOutcome& outcome);
  void settle(std::span<const VerifiedTx> txs);
  void index(const Block& block, std::span<const VerifiedTx> txs, const BlockOutcome& outcome);
  void publish(const Header& header);

  bool is_checkpoint_due(bool idle) const;
  Result<void> checkpoint_if_due(bool idle);
  void start_checkpoint();
  Result<void> finish_checkpoint();

  Result<void> restore();
  Result<void> replay(const CheckedBlock& checked, bool is_audit);

  const SoloConfig config_;
  const ConsensusKey key_;
  StateMachine& machine_;
  Store& store_;
  const Clock clock_;
  WorkerPool pool_;
  Verifier verifier_{pool_};
  Mempool mempool_;
  Lookup lookup_{store_};
  std::vector<std::function<void(const Block&)>> listeners_;

  // Owned by the engine's thread.
  std::optional<Header> tip_;
  std::optional<Hash> root_;  // after the tip, once somebody has asked
  std::uint64_t transactions_ = 0;
  Height checkpoint_height_;         // 0 when there is none
  std::uint64_t unsaved_bytes_ = 0;  // of the blocks after it
  std::future<Result<void>> saving_;
  TimeMs quiet_until_;
  bool block_is_full_ = false;  // more waits than the last one could take

  std::thread thread_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  EngineStatus status_;
  bool poked_ = false;
  bool crowded_ = false;  // so many wait that the next block must
  bool stopping_ = false;
};

}  // namespace bourse::chain
