// SPDX-License-Identifier: Apache-2.0
//
// The blocks on disk, and what is derived from them. A block is durable when append() returns, and
// nobody may be told of it earlier. The checkpoint (the state, and the index of where things are in
// the chain) is derived from blocks: it follows them lazily, all of it at one height, and what a
// crash takes of it is made again. After the first failed write nothing is written any more:
// whether the failed one is on disk is unknown until the next start, so the process has to exit.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "base/files.hpp"
#include "chain/anchor.hpp"
#include "chain/block.hpp"
#include "chain/database.hpp"
#include "chain/rows.hpp"
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

/// Reading is allowed from any thread; append from one, and the others that write from one.
/// The number in big-endian bytes, so that keys sort as their numbers do.
std::string big_endian(std::uint64_t value, std::size_t width);
std::uint64_t from_big_endian(std::string_view bytes);

class Store {
 public:
  /// Opens or creates. Error kinds: disk_full, store_open_failed, store_wrong_chain,
  /// store_behind_anchor, store_corrupt, anchor_corrupt, file_error.
  static Result<std::unique_ptr<Store>> open(const StoreConfig& config);

  /// Makes the next block durable. Error kinds: disk_full, store_failed.
  Result<void> append(const Block& block);

  /// Error kinds: block_not_found, block_pruned, store_corrupt.
  Result<Block> block(Height height) const;
  /// The header of the newest block; nothing when there is none.
  std::optional<Header> tip() const;

  /// Brings the checkpoint up to the height of `mark`: the rows of the state that have changed and
  /// the rows of the index that are new since the one before. It happens whole or not at all. Error
  /// kinds: disk_full, store_failed, and those of the rows.
  Result<void> write_checkpoint(const CheckpointMark& mark, const Rows& state, const Rows& index);
  /// Nothing when there is none. Error kind: store_corrupt.
  Result<std::optional<CheckpointMark>> checkpoint() const;
  /// Forgets it: what is derived is made again from the blocks. Error kind: store_failed.
  Result<void> drop_checkpoint();
  /// All rows of the state at the checkpoint. Error kind: store_corrupt, and those of the sink.
  Rows state_rows() const;

  /// One row of the index, as Database::get shows it. Error kind: store_corrupt.
  Result<bool> index_row(std::string_view key,
                         const std::function<void(ByteView value)>& use) const;
  /// Rows of the index, as Database::walk gives them. Error kind: store_corrupt.
  Result<void> walk_index(std::string_view start, bool backwards,
                          const Database::Visitor& visit) const;

  /// Deletes the blocks below `height`, which must not be above the checkpoint's. Error kind:
  /// store_failed.
  Result<void> prune(Height height);
  /// The first block that is there: 1 unless older ones have been pruned.
  Height first_height() const { return Height(first_); }

  /// Refuses with `disk_low` when new transactions should not be taken in.
  Result<void> check_room() const;
  /// Reads every file and compares checksums. Error kind: store_corrupt.
  Result<void> verify_files() const;

 private:
  Store(const StoreConfig& config, Anchor anchor) : config_(config), anchor_(std::move(anchor)) {}

  Error no_block(Height height) const;
  Result<void> check_identity();
  Result<void> load();
  Result<void> check_tables() const;
  Result<void> check_anchor();
  Result<void> check_space(std::uint64_t wanted, const char* kind) const;
  Result<void> write(const Batch& batch);

  const StoreConfig config_;
  UniqueFd directory_;
  std::unique_ptr<Database> database_;
  Anchor anchor_;
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> first_{1};

  mutable std::mutex mutex_;  // guards what follows
  std::optional<Header> tip_;
};

}  // namespace bourse::chain
