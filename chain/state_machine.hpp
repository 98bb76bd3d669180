// SPDX-License-Identifier: Apache-2.0
//
// THE SEAM. An engine orders transactions and makes them durable; a state machine says what they
// mean. Neither knows more of the other than stands here, and the market is one of two machines:
// the tests of this folder run on a toy.
//
// An engine calls, in this order and from one thread: init_chain or restore once; then per block
// prepare, finalize, commit, and sometimes take_changes. A block that was finalized and is not
// committed leaves no trace. root, check, accounts and wake_at are of the last committed
// state; all of these but root may be called from any thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "chain/block.hpp"
#include "chain/lookup.hpp"
#include "chain/rows.hpp"
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
  /// receipts_root() of these two.
  Hash receipts_root;
  /// Whom the transactions and events concern, in their order.
  std::vector<Mention> mentions;
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

  /// Whether each of these may wait for a block: everything but its signature, its nonce and the
  /// balance. One answer per transaction, in their order.
  virtual std::vector<Result<void>> check(std::span<const ParsedTx> txs) const = 0;
  /// Nonce and balance of each, in their order; zero for an account that nobody has paid yet.
  virtual std::vector<AccountView> accounts(std::span<const Address> addresses) const = 0;
  AccountView account(const Address& address) const { return accounts({&address, 1}).front(); }

  /// The prefix of `candidates`, in an executable order, that fits into one block. What it reads of
  /// them it may keep for finalize.
  virtual std::vector<VerifiedTx> prepare(const BlockContext& context,
                                          std::vector<VerifiedTx> candidates) = 0;

  /// Executes a block on top of the last committed one. Every transaction gets a receipt.
  virtual BlockOutcome finalize(const BlockContext& context, std::span<const VerifiedTx> txs) = 0;

  /// The root of the last committed state; waits for it. Who asks late lets it be computed while
  /// the next block executes.
  virtual Hash root() = 0;

  /// Publishes the state after the last finalize to readers.
  virtual void commit() = 0;
  /// Or forgets it, because its block is not going to be.
  virtual void give_up() = 0;

  /// The earliest block time at which a block without transactions would change the state; nothing
  /// when none would.
  virtual std::optional<TimeMs> wake_at() const = 0;

  /// The rows of the committed state that have changed since the last call, or since there was a
  /// state: what a checkpoint adds to the one before.
  virtual Rows take_changes() = 0;
  /// Becomes the state that the rows of all checkpoints together make. Error kind:
  /// checkpoint_corrupt, and those of `rows`.
  virtual Result<void> restore(const Rows& rows) = 0;
};

}  // namespace bourse::chain
