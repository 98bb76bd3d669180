// SPDX-License-Identifier: Apache-2.0
//
// The market as a state machine: it stands behind the chain's seam and is all that gives
// transactions a meaning. SPEC 3.2 says in which order a block happens.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <utility>

#include "chain/state_machine.hpp"
#include "market/commitment.hpp"
#include "market/event.hpp"
#include "market/execute.hpp"
#include "market/genesis.hpp"
#include "market/saved_state.hpp"

namespace bourse::market {

/// What a transaction would do: its receipt and its events.
struct Simulation {
  std::uint16_t error = 0;
  std::uint16_t operation = 0;
  Amount fee;
  std::vector<Event> events;
};

class Market final : public chain::StateMachine {
 public:
  /// `genesis` must have passed check_genesis.
  explicit Market(Genesis genesis);

  void init_chain() override;
  std::vector<Result<void>> check(std::span<const chain::ParsedTx> txs) const override;
  std::vector<chain::AccountView> accounts(std::span<const Address> addresses) const override;
  std::vector<chain::VerifiedTx> prepare(const chain::BlockContext& context,
                                         std::vector<chain::VerifiedTx> candidates) override;
  chain::BlockOutcome finalize(const chain::BlockContext& context,
                               std::span<const chain::VerifiedTx> txs) override;
  Hash root() override;
  void commit() override;
  void give_up() override;
  std::optional<TimeMs> wake_at() const override;
  chain::Rows take_changes() override;
  Result<void> restore(const chain::Rows& rows) override;

  /// The last committed state. Any thread may hold it for as long as it likes.
  std::shared_ptr<const State> snapshot() const;

  /// The record under `key` with its proof, in the last committed state or the one before it. Error
  /// kinds: table_unknown, key_invalid.
  Result<ProvedRecord> prove(std::string_view table, ByteView key) const {
    return commitment_.prove(table, key);
  }

  /// Executes the operations on top of the last committed state, in a copy.
  Simulation simulate(const chain::TxBody& body) const;

  const Genesis& genesis() const { return genesis_; }

 private:
  TxResult<Operations> take_operations(const chain::VerifiedTx& tx);
  std::vector<TxResult<Operations>> take_operations(std::span<const chain::VerifiedTx> txs);
  chain::Receipt run(Context& context, const chain::VerifiedTx& tx,
                     const TxResult<Operations>& operations, std::uint32_t item,
                     const Address& fee_to);
  void publish(std::shared_ptr<const State> state);
  Result<void> start_from(State state);

  const Genesis genesis_;
  State state_;
  Indexes indexes_;
  // Of the block that is finalized and not committed.
  Changes changes_;
  std::shared_ptr<const State> next_;
  /// What prepare has read, in the order of the block, so that finalize need not read it again.
  std::deque<std::pair<Hash, Operations>> prepared_;
  UnsavedRecords unsaved_;
  std::shared_ptr<const State> published_;
  std::atomic<std::uint64_t> wake_at_ms_;
  Commitment commitment_;
};

/// The fee of a transaction: fee_per_byte × bytes + fee_per_weight × the weight of its operations,
/// or nothing when that does not fit below the largest supply.
std::optional<Amount> fee(const Params& params, std::size_t bytes, std::uint64_t weight);

/// The summed weight of the operations. Errors: those of decode_operations.
TxResult<std::uint64_t> weigh(const chain::TxBody& body);

}  // namespace bourse::market
