// SPDX-License-Identifier: Apache-2.0
//
// THE SEAM. An engine orders transactions and makes them durable; a state machine says what they
// mean. Neither knows more of the other than stands here, and the market is one of two machines:
// the tests of this folder run on a toy.
//
// An engine calls, in this order and from one thread: init_chain or restore once; then per block
// prepare, finalize, commit. A block that was finalized and is not committed leaves no trace. root,
// check, account and wake_at are of the last committed state; the last three may be called from any
// thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "chain/block.hpp"
#include "chain/tx.hpp"

namespace bourse::chain {

struct BlockContext {
  std::uint32_t protocol = 1;
  Height height;
  TimeMs time;
  ConsensusKey proposer;
};

struct BlockOutcome {
  std::vector<Receipt> receipts;
  std::vector<Bytes> events;
  /// Whether any record of the state is another than before.
  bool changed = false;
};

/// What ordering needs to know of an account.
struct AccountView {
  Nonce nonce;
  Amount balance;
};

class StateMachine {
 public:
  virtual ~StateMachine() = default;

  /// Makes the state before block 1.
  virtual void init_chain() = 0;

  /// Whether the transaction may wait for a block: everything but its nonce and the balance.
  /// Returns the fee that it will be charged.
  virtual Result<Amount> check(const VerifiedTx& tx) const = 0;
  virtual AccountView account(const Address& address) const = 0;

  /// The prefix of `candidates`, in an executable order, that fits into one block.
  virtual std::vector<VerifiedTx> prepare(const BlockContext& context,
                                          std::vector<VerifiedTx> candidates) const = 0;

  /// Executes a block on top of the last committed one. Every transaction gets a receipt.
  virtual BlockOutcome finalize(const BlockContext& context, std::span<const VerifiedTx> txs) = 0;

  /// The root of the last committed state; waits for it. Who asks late lets it be computed while
  /// the next block executes.
  virtual Hash root() = 0;

  /// Publishes the state after the last finalize to readers.
  virtual void commit() = 0;

  /// The earliest block time at which a block without transactions would change the state; nothing
  /// when none would.
  virtual std::optional<TimeMs> wake_at() const = 0;

  /// Hands the committed state to `sink` in pieces, and takes it back from pieces in the same
  /// order.
  virtual void save(const std::function<void(Bytes piece)>& sink) const = 0;
  /// Error kind: checkpoint_corrupt.
  virtual Result<void> restore(std::span<const Bytes> pieces) = 0;
};

}  // namespace bourse::chain
