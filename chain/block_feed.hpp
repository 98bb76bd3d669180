// SPDX-License-Identifier: Apache-2.0
//
// The blocks of a store for somebody who executes them again: read, checked and parsed on threads
// of their own, a little ahead of him.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "chain/store.hpp"
#include "chain/verifier.hpp"

namespace bourse::chain {

struct CheckedBlock {
  Block block;  // without its transactions: whoever wants their bytes has them in `txs`
  std::vector<VerifiedTx> txs;
};

class BlockFeed {
 public:
  /// Feeds the blocks after `previous` up to `last`. With a verifier every signature is checked;
  /// without, the block's own signature vouches for those of its transactions, which is enough for
  /// blocks that this node has signed.
  BlockFeed(const Store& store, std::optional<Header> previous, Height last, Verifier* verifier);
  ~BlockFeed();

  /// Nothing after the last. Error kinds: block_invalid, block_not_found, block_pruned,
  /// store_corrupt, and those of verify_tx.
  Result<std::optional<CheckedBlock>> next();

 private:
  /// Blocks of several MiB may wait; these many keep the other threads busy.
  static constexpr std::size_t kAheadMax = 8;

  void run(std::optional<Header> previous);
  Result<CheckedBlock> read(Height height, const Header* previous) const;

  const Store& store_;
  const Height last_;
  Verifier* const verifier_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Result<CheckedBlock>> ahead_;
  bool finished_ = false;
  bool stopping_ = false;

  std::thread reader_;
};

}  // namespace bourse::chain
