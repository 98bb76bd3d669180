// SPDX-License-Identifier: Apache-2.0
#include "chain/block_feed.hpp"

namespace bourse::chain {

BlockFeed::BlockFeed(const Store& store, std::optional<Header> previous, Height last,
                     Verifier* verifier)
    : store_(store),
      last_(last),
      verifier_(verifier),
      reader_([this, previous] { run(previous); }) {}

BlockFeed::~BlockFeed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  reader_.join();
}

void BlockFeed::run(std::optional<Header> previous) {
  const Height first(previous ? previous->height.value() + 1 : 1);
  for (Height height = first; height <= last_; height += Height(1)) {
    auto checked = read(height, previous ? &*previous : nullptr);
    const bool failed = checked.has_error();
    if (!failed) previous = checked->block.header;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || ahead_.size() < kAheadMax; });
    if (stopping_) return;
    ahead_.push_back(std::move(checked));
    changed_.notify_all();
    if (failed) return;
  }
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

Result<CheckedBlock> BlockFeed::read(Height height, const Header* previous) const {
  TRY_ASSIGN(Block block, store_.block(height));
  const Hash chain_id = block.header.chain_id;
  std::vector<ParsedTx> parsed;
  parsed.reserve(block.transactions.size());
  std::vector<Hash> ids;
  ids.reserve(block.transactions.size());
  for (auto& tx : ParsedTx::parse_all(std::move(block.transactions), chain_id)) {
    if (tx.has_error()) return tx.error();
    ids.push_back(tx->id());
    parsed.push_back(std::move(*tx));
  }
  TRY(verify_block(block, std::move(ids), previous));
  CheckedBlock out{std::move(block), {}};
  out.txs.reserve(parsed.size());
  if (verifier_ == nullptr) {
    for (ParsedTx& tx : parsed) out.txs.push_back(VerifiedTx::vouched(std::move(tx)));
    return out;
  }
  for (auto& verified : verifier_->verify(std::move(parsed))) {
    if (!verified) return signature_invalid();
    out.txs.push_back(std::move(*verified));
  }
  return out;
}

Result<std::optional<CheckedBlock>> BlockFeed::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return finished_ || !ahead_.empty(); });
  if (ahead_.empty()) return std::optional<CheckedBlock>{};
  auto checked = std::move(ahead_.front());
  ahead_.pop_front();
  changed_.notify_all();
  if (checked.has_error()) return checked.error();
  return std::optional(std::move(*checked));
}

}  // namespace bourse::chain
