// SPDX-License-Identifier: Apache-2.0
//
// The blocks on disk, and what is derived from them. A block is durable when append() returns, and
// nobody may be told of it earlier. Checkpoints and the index of transactions are derived from
// blocks: they are written lazily with a height mark and a lost one is made again. After the first
// failed write nothing is written any more: whether the failed one is on disk is unknown until the
// next start, so the process has to exit.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "chain/anchor.hpp"
#include "chain/block.hpp"
#include "chain/database.hpp"
#include "chain/store_records.hpp"

namespace bourse::chain {

struct StoreConfig {
  std::filesystem::path directory;
  std::filesystem::path anchor;
  Hash chain_id;
  /// Below this much free space the store stops while it still can do so cleanly; below four times
  /// as much no new transactions should be taken in.
  std::uint64_t reserve_bytes = std::uint64_t{256} << 20;
  /// Not null in tests that simulate the disk.
  rocksdb::Env* env = nullptr;
};

struct Checkpoint {
  Height height;
  Hash state_root;
  std::vector<Bytes> pieces;
};

/// Where in the chain a transaction is.
struct TxPlace {
  Height height;
  std::uint32_t index = 0;

  static constexpr auto fields() {
    return std::tuple{field("height", &TxPlace::height, "The block."),
                      field("index", &TxPlace::index, "Position among its transactions.")};
  }
};

/// Reading is allowed from any thread; append, write_checkpoint and index from one.
class Store {
 public:
  /// Opens or creates. Error kinds: disk_full, store_open_failed, store_wrong_chain,
  /// store_behind_anchor, store_corrupt, anchor_corrupt, file_error.
  static Result<std::unique_ptr<Store>> open(const StoreConfig& config);

  /// Makes the next block durable. Error kinds: disk_full, store_failed.
  Result<void> append(const Block& block);

  /// Error kinds: block_not_found, store_corrupt.
  Result<Block> block(Height height) const;
  /// The header of the newest block; nothing when there is none.
  std::optional<Header> tip() const;

  using Sink = std::function<void(Bytes piece)>;
  /// Keeps what `save` puts into the sink as the newest checkpoint, and the one before it. Error
  /// kinds: disk_full, store_failed.
  Result<void> write_checkpoint(Height height, const Hash& state_root,
                                const std::function<void(const Sink&)>& save);
  /// The newest checkpoint that reads back intact.
  std::optional<Checkpoint> latest_checkpoint() const;

  /// Enters the transactions of the block after indexed_height(). Error kind: store_failed.
  Result<void> index(Height height, std::span<const Hash> txs);
  Height indexed_height() const;
  /// Error kinds: tx_not_found, store_corrupt.
  Result<TxPlace> find_tx(const Hash& tx) const;

  /// Refuses with `disk_low` when new transactions should not be taken in.
  Result<void> check_room() const;
  /// Reads every file and compares checksums. Error kind: store_corrupt.
  Result<void> verify_files() const;

 private:
  Store(const StoreConfig& config, Anchor anchor) : config_(config), anchor_(std::move(anchor)) {}

  Result<void> check_identity();
  Result<void> load();
  Result<void> check_tables() const;
  Result<void> check_anchor();
  Result<void> check_space(std::uint64_t wanted, const char* kind) const;
  Result<void> write(const Batch& batch, Durability durability);

  const StoreConfig config_;
  std::unique_ptr<Database> database_;
  Anchor anchor_;
  std::vector<CheckpointMark> marks_;
  bool failed_ = false;
  std::atomic<std::uint64_t> indexed_{0};

  mutable std::mutex mutex_;  // guards what follows
  std::optional<Header> tip_;
};

}  // namespace bourse::chain
