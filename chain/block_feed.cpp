// SPDX-License-Identifier: Apache-2.0
#include "chain/block_feed.hpp"

#include <future>

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

/// While the signatures of one block are checked, which is work for all cores, another thread reads
/// the next one, which is work for one.
void BlockFeed::run(std::optional<Header> previous) {
  std::future<Result<ParsedBlock>> reading;
  const auto read_ahead = [&](Height height) {
    reading = std::async(std::launch::async, [=, this] { return read(height, previous); });
  };
  Height height(previous ? previous->height.value() + 1 : 1);
  if (height <= last_) read_ahead(height);
  for (; height <= last_; height += Height(1)) {
    auto parsed = reading.get();
    const bool failed = parsed.has_error();
    if (!failed) previous = parsed->block.header;
    if (!failed && height < last_) read_ahead(height + Height(1));
    auto checked = failed ? Result<CheckedBlock>(parsed.error()) : check(std::move(*parsed));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || ahead_.size() < kAheadMax; });
    if (stopping_) return;
    ahead_.push_back(std::move(checked));
    changed_.notify_all();
    if (ahead_.back().has_error()) return;
  }
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

Result<BlockFeed::ParsedBlock> BlockFeed::read(Height height,
                                               const std::optional<Header>& previous) const {
  TRY_ASSIGN(Block block, store_.block(height));
  TRY(verify_block(block, previous ? &*previous : nullptr));
  std::vector<ParsedTx> txs;
  txs.reserve(block.transactions.size());
  for (const Bytes& raw : block.transactions) {
    TRY_ASSIGN(ParsedTx tx, ParsedTx::parse(raw, block.header.chain_id));
    txs.push_back(std::move(tx));
  }
  return ParsedBlock{std::move(block), std::move(txs)};
}

Result<CheckedBlock> BlockFeed::check(ParsedBlock parsed) const {
  CheckedBlock out{std::move(parsed.block), {}};
  out.txs.reserve(parsed.txs.size());
  if (verifier_ == nullptr) {
    for (const ParsedTx& tx : parsed.txs) out.txs.push_back(VerifiedTx::vouched(tx));
    return out;
  }
  for (auto& verified : verifier_->verify(parsed.txs)) {
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
