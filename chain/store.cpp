// SPDX-License-Identifier: Apache-2.0
//
// Families: `blocks` height → block; `checkpoints` (height, piece) → bytes; `index` transaction id
// → place; `meta` the marks. Integers in keys are big-endian, so that keys sort as heights do.
#include "chain/store.hpp"

#include <spdlog/spdlog.h>

#include <system_error>

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::chain {
namespace {

constexpr std::size_t kCheckpointsKept = 2;

constexpr std::string_view kIdentityKey = "identity";
constexpr std::string_view kCheckpointsKey = "checkpoints";
constexpr std::string_view kIndexedKey = "indexed";

std::string big_endian(std::uint64_t value, std::size_t width) {
  std::string out(width, '\0');
  for (std::size_t i = width; i-- > 0; value >>= 8) out[i] = static_cast<char>(value & 0xff);
  return out;
}
std::string height_key(Height height) { return big_endian(height.value(), 8); }
std::string piece_key(Height height, std::uint32_t piece) {
  return height_key(height) + big_endian(piece, 4);
}

Batch::Put meta_put(std::string_view key, Bytes value) {
  return {Family::meta, std::string(key), std::move(value)};
}

/// The decoded value, nothing when there is none, or store_corrupt.
template <class T>
Result<std::optional<T>> get(const Database& database, Family family, std::string_view key) {
  TRY_ASSIGN(const auto value, database.get(family, as_bytes(key)));
  if (!value) return std::optional<T>{};
  auto decoded = decode<T>(*value);
  if (!decoded) return store_corrupt("a record is unreadable");
  return decoded;
}

Result<Checkpoint> read_checkpoint(const Database& database, const CheckpointMark& mark) {
  Checkpoint out{mark.height, mark.state_root, {}};
  Sha256 digest;
  for (std::uint32_t i = 0; i < mark.pieces; ++i) {
    const std::string key = piece_key(mark.height, i);
    TRY_ASSIGN(auto piece, database.get(Family::checkpoints, as_bytes(key)));
    if (!piece) return store_corrupt("a piece is missing");
    digest.update(*piece);
    out.pieces.push_back(std::move(*piece));
  }
  if (digest.finish() != mark.digest) return store_corrupt("a piece has changed");
  return out;
}

}  // namespace

// --- Opening ------------------------------------------------------------------------------------

Result<std::unique_ptr<Store>> Store::open(const StoreConfig& config) {
  std::error_code code;
  std::filesystem::create_directories(config.directory, code);
  if (code) return Error{"store_open_failed", config.directory.string() + ": " + code.message()};
  TRY_ASSIGN(Anchor anchor, Anchor::open(config.anchor));
  std::unique_ptr<Store> store(new Store(config, std::move(anchor)));
  // RocksDB aborts the process when it has to write to a full disk while it opens.
  TRY(store->check_space(config.reserve_bytes, "disk_full"));
  TRY_ASSIGN(store->database_, Database::open(config.directory, config.env));
  TRY(store->check_identity());
  TRY(store->load());
  TRY(store->check_tables());
  TRY(store->check_anchor());
  return store;
}

Result<void> Store::check_identity() {
  TRY_ASSIGN(const auto identity, get<StoreIdentity>(*database_, Family::meta, kIdentityKey));
  if (!identity) {
    const StoreIdentity fresh{kStoreFormat, config_.chain_id};
    return write({{meta_put(kIdentityKey, encode(fresh))}, {}}, Durability::synced);
  }
  if (identity->format != kStoreFormat) {
    return Error{"store_open_failed",
                 "The database has layout " + std::to_string(identity->format) +
                     " and this program knows layout " + std::to_string(kStoreFormat) + "."};
  }
  if (identity->chain_id != config_.chain_id) {
    return Error{"store_wrong_chain", "The database belongs to chain 0x" +
                                          to_hex(identity->chain_id.bytes) +
                                          "; choose another data directory."};
  }
  return {};
}

Result<void> Store::load() {
  TRY_ASSIGN(const auto last, database_->last(Family::blocks));
  if (last) {
    const auto block = decode<Block>(*last);
    if (!block) return store_corrupt("its newest block is unreadable");
    tip_ = block->header;
  }
  TRY_ASSIGN(auto marks,
             get<std::vector<CheckpointMark>>(*database_, Family::meta, kCheckpointsKey));
  if (marks) marks_ = std::move(*marks);
  TRY_ASSIGN(const auto indexed, get<Height>(*database_, Family::meta, kIndexedKey));
  if (indexed) indexed_ = indexed->value();
  return {};
}

/// A list of tables that has lost its end opens without complaint. But heights have no gaps, so the
/// tables of blocks join, and the log goes on where they end.
Result<void> Store::check_tables() const {
  std::uint64_t next = 1;
  for (const auto& [first, last] : database_->tables(Family::blocks)) {
    if (first != height_key(Height(next))) return store_corrupt("a table of blocks is missing");
    next = 0;
    for (const char byte : last) next = next << 8 | static_cast<std::uint8_t>(byte);
    ++next;
  }
  if (!tip_ || next > tip_->height.value()) return {};
  const auto found = block(Height(next));
  if (found.has_error()) return store_corrupt("block " + std::to_string(next) + " is missing");
  return {};
}

Result<void> Store::check_anchor() {
  const AnchorPoint anchored = anchor_.point().value_or(AnchorPoint{});
  const AnchorPoint newest = tip_ ? AnchorPoint{tip_->height, header_hash(*tip_)} : AnchorPoint{};
  if (newest.height < anchored.height) {
    return Error{"store_behind_anchor",
                 "The database ends at block " + std::to_string(newest.height.value()) +
                     ", but block " + std::to_string(anchored.height.value()) +
                     " was once durable: blocks are lost. Restore a newer copy of the database; to "
                     "accept the loss delete the anchor " +
                     config_.anchor.string() + "."};
  }
  if (anchor_.point()) {
    TRY_ASSIGN(const Block same_height, block(anchored.height));
    if (header_hash(same_height.header) != anchored.hash) {
      return store_corrupt("block " + std::to_string(anchored.height.value()) +
                           " is another one than the anchor says");
    }
  }
  if (newest == anchored) return {};
  return anchor_.write(newest);
}

// --- Blocks -------------------------------------------------------------------------------------

Result<void> Store::write(const Batch& batch, Durability durability) {
  // A failed fsync is never tried again: the kernel may have marked the lost pages clean.
  if (failed_) return Error{"store_failed", "An earlier write failed; restart the node."};
  auto written = database_->write(batch, durability);
  failed_ = written.has_error();
  return written;
}

Result<void> Store::check_space(std::uint64_t wanted, const char* kind) const {
  std::error_code code;
  const auto space = std::filesystem::space(config_.directory, code);
  if (code || space.available >= wanted) return {};
  return Error{kind, "Only " + std::to_string(space.available >> 20) + " MiB are free in " +
                         config_.directory.string() + " and " + std::to_string(wanted >> 20) +
                         " MiB are needed; make room."};
}

Result<void> Store::append(const Block& block) {
  const Height height = block.header.height;
  const auto previous = tip();
  CHECK(height.value() == (previous ? previous->height.value() + 1 : 1));
  TRY(check_space(config_.reserve_bytes, "disk_full"));
  TRY(write({{{Family::blocks, height_key(height), encode(block)}}, {}}, Durability::synced));
  const auto anchored = anchor_.write({height, header_hash(block.header)});
  if (anchored.has_error()) {
    failed_ = true;
    return Error{"store_failed", anchored.error().message};
  }
  const std::lock_guard lock(mutex_);
  tip_ = block.header;
  return {};
}

Result<Block> Store::block(Height height) const {
  TRY_ASSIGN(auto block, get<Block>(*database_, Family::blocks, height_key(height)));
  if (!block) {
    return Error{"block_not_found", "there is no block " + std::to_string(height.value()) + " yet"};
  }
  return std::move(*block);
}

std::optional<Header> Store::tip() const {
  const std::lock_guard lock(mutex_);
  return tip_;
}

// --- Checkpoints --------------------------------------------------------------------------------

Result<void> Store::write_checkpoint(Height height, const Hash& state_root,
                                     const std::function<void(const Sink&)>& save) {
  TRY(check_space(config_.reserve_bytes, "disk_full"));
  CheckpointMark mark{height, state_root, 0, {}};
  Sha256 digest;
  Result<void> written;
  save([&](Bytes piece) {
    if (written.has_error()) return;
    digest.update(piece);
    written =
        write({{{Family::checkpoints, piece_key(height, mark.pieces++), std::move(piece)}}, {}},
              Durability::lazy);
  });
  TRY(written);
  mark.digest = digest.finish();
  std::vector<CheckpointMark> kept = marks_;
  std::erase_if(kept, [&](const CheckpointMark& old) { return old.height >= height; });
  kept.push_back(mark);
  if (kept.size() > kCheckpointsKept) kept.erase(kept.begin());
  // Syncing the mark syncs the pieces before it. What lies between the kept heights goes, with the
  // remains of checkpoints that a crash cut short.
  Batch batch{{meta_put(kCheckpointsKey, encode(kept))}, {}};
  Height from;
  for (const CheckpointMark& keep : kept) {
    batch.removals.push_back({Family::checkpoints, height_key(from), height_key(keep.height)});
    from = keep.height + Height(1);
  }
  TRY(write(batch, Durability::synced));
  marks_ = std::move(kept);
  return {};
}

std::optional<Checkpoint> Store::latest_checkpoint() const {
  for (auto mark = marks_.rbegin(); mark != marks_.rend(); ++mark) {
    auto checkpoint = read_checkpoint(*database_, *mark);
    if (checkpoint) return std::move(*checkpoint);
    spdlog::warn("checkpoint {} is not used: {}", mark->height.value(), checkpoint.error().message);
  }
  return std::nullopt;
}

// --- Index --------------------------------------------------------------------------------------

Result<void> Store::index(Height height, std::span<const Hash> txs) {
  CHECK(height.value() == indexed_ + 1);
  Batch batch{{meta_put(kIndexedKey, encode(height))}, {}};
  for (std::uint32_t i = 0; i < txs.size(); ++i) {
    batch.puts.push_back(
        {Family::index, std::string(as_text(txs[i].bytes)), encode(TxPlace{height, i})});
  }
  TRY(write(batch, Durability::lazy));
  indexed_ = height.value();
  return {};
}

Height Store::indexed_height() const { return Height(indexed_); }

Result<TxPlace> Store::find_tx(const Hash& tx) const {
  TRY_ASSIGN(const auto place, get<TxPlace>(*database_, Family::index, as_text(tx.bytes)));
  if (!place) return Error{"tx_not_found", "no block has a transaction with this id"};
  return *place;
}

// --- Health -------------------------------------------------------------------------------------

Result<void> Store::check_room() const {
  return check_space(4 * config_.reserve_bytes, "disk_low");
}

Result<void> Store::verify_files() const { return database_->verify_files(); }

}  // namespace bourse::chain
