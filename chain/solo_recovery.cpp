// SPDX-License-Identifier: Apache-2.0
//
// How the solo engine comes back: blocks are the record, and the state is what they make of it.
#include "chain/solo.hpp"

namespace bourse::chain {

Result<void> SoloEngine::recover() {
  const auto newest = store_.tip();
  // The links between blocks carry this check to all the others.
  if (newest && newest->proposer != key_) {
    return Error{"wrong_consensus_key", "block " + std::to_string(newest->height.value()) +
                                            " was signed with another consensus key than this "
                                            "node has; restore the key"};
  }
  if (const auto checkpoint = store_.latest_checkpoint()) {
    TRY(machine_.restore(checkpoint->pieces));
    if (machine_.root() != checkpoint->state_root) {
      return Error{"checkpoint_corrupt",
                   "the restored state has another root than when it was "
                   "saved; the program may have changed"};
    }
    TRY_ASSIGN(const Block block, store_.block(checkpoint->height));
    publish(block.header);
    checkpoint_height_ = checkpoint->height;
  } else {
    machine_.init_chain();
  }
  const std::uint64_t last = newest ? newest->height.value() : 0;
  for (std::uint64_t h = checkpoint_height_.value() + 1; h <= last; ++h) {
    TRY_ASSIGN(const Block block, store_.block(Height(h)));
    TRY(replay(block));
  }
  for (std::uint64_t h = store_.indexed_height().value() + 1; h <= last; ++h) {
    TRY_ASSIGN(const Block block, store_.block(Height(h)));
    TRY(index(block));
  }
  {
    const std::lock_guard lock(mutex_);
    status_.running = true;
  }
  return checkpoint_if_due(config_.checkpoint_interval_blocks);
}

Result<void> SoloEngine::replay(const Block& block) {
  const Header& header = block.header;
  const auto mismatch = [&](const char* what) {
    return Error{"replay_mismatch", "block " + std::to_string(header.height.value()) +
                                        " comes out with other " + what +
                                        " than it is on record with; this program must not go on "
                                        "with this database"};
  };
  TRY(verify_block(block, tip_ ? &*tip_ : nullptr));
  std::vector<VerifiedTx> txs;
  for (const Bytes& raw : block.transactions) {
    TRY_ASSIGN(VerifiedTx tx, verify_tx(raw, config_.chain_id));
    txs.push_back(std::move(tx));
  }
  const auto outcome =
      machine_.finalize({header.protocol, header.height, header.time, header.proposer}, txs);
  if (root() != header.state_root) return mismatch("state before it");
  if (receipts_root(outcome.receipts, outcome.events) != header.receipts_root) {
    return mismatch("receipts or events");
  }
  machine_.commit();
  root_.reset();
  publish(header);
  return {};
}

}  // namespace bourse::chain
