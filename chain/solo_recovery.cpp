// SPDX-License-Identifier: Apache-2.0
//
// How the solo engine comes back: blocks are the record, and the state is what they make of it.
#include <spdlog/spdlog.h>

#include "chain/read_ahead.hpp"
#include "chain/solo.hpp"

namespace bourse::chain {

Result<void> SoloEngine::recover(Trust trust) {
  const auto newest = store_.tip();
  // The links between blocks carry this check to all the others.
  if (newest && newest->proposer != key_) {
    return Error{"wrong_consensus_key", "block " + std::to_string(newest->height.value()) +
                                            " was signed with another consensus key than this "
                                            "node has; restore the key"};
  }
  if (trust == Trust::nothing) {
    machine_.init_chain();
  } else if (const auto restored = restore(); !restored) {
    // A damaged checkpoint is no loss while all blocks are there.
    if (store_.first_height() > Height(1)) return restored;
    spdlog::warn("the checkpoint is made again: {}", restored.error().message);
    TRY(store_.drop_checkpoint());
    machine_.init_chain();
  }
  if (newest) {
    const bool is_audit = trust == Trust::nothing;
    BlockFeed feed(store_, tip_, newest->height, is_audit ? &verifier_ : nullptr);
    for (;;) {
      TRY_ASSIGN(const auto checked, feed.next());
      if (!checked) break;
      TRY(replay(*checked, is_audit));
    }
  }
  const std::lock_guard lock(mutex_);
  status_.running = trust == Trust::own_record;
  return {};
}

/// Goes on from the checkpoint, or begins when there is none.
Result<void> SoloEngine::restore() {
  TRY_ASSIGN(const auto mark, store_.checkpoint());
  if (!mark) {
    machine_.init_chain();
    return {};
  }
  TRY_ASSIGN(const Block block, store_.block(mark->height));
  TRY(machine_.restore(read_ahead(store_.state_rows())));
  if (machine_.root() != mark->state_root) {
    return Error{"checkpoint_corrupt",
                 "the restored state has another root than when it was saved; the program may have "
                 "changed"};
  }
  checkpoint_height_ = mark->height;
  transactions_ = mark->transactions;
  publish(block.header);
  return {};
}

/// Unless this is an audit, the block is indexed, and saved when it is time: a long chain fits into
/// memory, and who is interrupted goes on from there.
Result<void> SoloEngine::replay(const CheckedBlock& checked, bool is_audit) {
  const Block& block = checked.block;
  const Header& header = block.header;
  const auto mismatch = [&](const char* what) {
    return Error{"replay_mismatch", "block " + std::to_string(header.height.value()) +
                                        " comes out with other " + what +
                                        " than it is on record with; this program must not go on "
                                        "with this database"};
  };
  if (header.chain_id != config_.chain_id) return mismatch("chain id");
  const auto outcome = machine_.finalize(
      {header.protocol, header.height, header.time, header.proposer}, checked.txs);
  if (root() != header.state_root) return mismatch("state before it");
  if (outcome.receipts_root != header.receipts_root || outcome.receipts != block.receipts ||
      outcome.events != block.events) {
    return mismatch("receipts or events");
  }
  settle(checked.txs);
  if (!is_audit) index(block, checked.txs, outcome);
  publish(header);
  return is_audit ? Result<void>{} : checkpoint_if_due(false);
}

}  // namespace bourse::chain
