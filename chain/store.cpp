// SPDX-License-Identifier: Apache-2.0
//
// Families: `blocks` height → block; `meta` what the store knows of itself; `derived` rows of the
// state machine, rows of chain/lookup.cpp, and behind both the mark of their height.
#include "chain/store.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/codec.hpp"

namespace bourse::chain {
namespace {

constexpr std::string_view kIdentityKey = "identity";
constexpr std::string_view kFirstKey = "first";
/// A row of the state stands behind this letter, the index behind the letters after it, and the
/// mark behind all of them.
constexpr std::string_view kRowPrefix = "r";
constexpr std::string_view kRowsEnd = "s";
constexpr std::string_view kMarkKey = "z";
/// Behind this letter and its height each checkpoint names the one before. So one that the database
/// has lost is missed: it opens a list of tables without its end as if that were all.
constexpr std::string_view kLinkPrefix = "y";

std::string height_key(Height height) { return big_endian(height.value(), 8); }

std::string link_key(Height height) { return std::string(kLinkPrefix) + height_key(height); }

Batch::Put meta_put(std::string_view key, Bytes value) {
  return {Family::meta, std::string(key), std::move(value)};
}

/// About how many bytes a block is, encoded.
std::size_t size_of(const Block& block) {
  constexpr std::size_t header = 512;
  constexpr std::size_t receipt = 64;
  std::size_t size = header + block.receipts.size() * receipt;
  for (const Bytes& raw : block.transactions) size += raw.size() + 3;
  for (const Bytes& event : block.events) size += event.size() + 3;
  return size;
}

/// The decoded value, nothing when there is none, or store_corrupt.
template <class T>
Result<std::optional<T>> get(const Database& database, Family family, std::string_view key) {
  std::optional<T> decoded;
  TRY_ASSIGN(const bool is_there,
             database.get(family, key, [&](ByteView value) { decoded = decode<T>(value); }));
  if (is_there && !decoded) return store_corrupt("a record is unreadable");
  return decoded;
}

}  // namespace

std::string big_endian(std::uint64_t value, std::size_t width) {
  std::string out(width, '\0');
  for (std::size_t i = width; i-- > 0; value >>= 8) out[i] = static_cast<char>(value & 0xff);
  return out;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : as_bytes(bytes)) value = value << 8 | byte;
  return value;
}

// --- Opening ------------------------------------------------------------------------------------

Result<std::unique_ptr<Store>> Store::open(const StoreConfig& config) {
  std::error_code code;
  std::filesystem::create_directories(config.directory, code);
  if (code) return Error{"store_open_failed", config.directory.string() + ": " + code.message()};
  TRY_ASSIGN(Anchor anchor, Anchor::open(config.anchor));
  std::unique_ptr<Store> store(new Store(config, std::move(anchor)));
  std::error_code ignored;  // if there is no directory then, opening it says so
  std::filesystem::create_directories(config.directory, ignored);
  store->directory_ = UniqueFd(::open(config.directory.c_str(), O_DIRECTORY | O_CLOEXEC));
  if (!store->directory_) {
    return Error{"store_open_failed", "cannot open the directory " + config.directory.string() +
                                          ": " + std::generic_category().message(errno)};
  }
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
    return write({{meta_put(kIdentityKey, encode(fresh))}, {}});
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
  TRY_ASSIGN(const auto first, get<Height>(*database_, Family::meta, kFirstKey));
  if (first) first_ = first->value();
  return {};
}

/// A list of tables that has lost its end opens without complaint. But heights have no gaps, so the
/// tables of blocks join (or overlap, where blocks were pruned), and the log goes on where they
/// end.
Result<void> Store::check_tables() const {
  std::uint64_t next = first_;
  for (const auto& [first, last] : database_->tables(Family::blocks)) {
    if (from_big_endian(first) > next) return store_corrupt("a table of blocks is missing");
    next = std::max(next, from_big_endian(last) + 1);
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

Result<void> Store::write(const Batch& batch) {
  // A failed fsync is never tried again: the kernel may have marked the lost pages clean.
  if (failed_) return Error{"store_failed", "An earlier write failed; restart the node."};
  auto written = database_->write(batch);
  if (written.has_error()) failed_ = true;
  return written;
}

Result<void> Store::check_space(std::uint64_t wanted, const char* kind) const {
  // By descriptor: each submission asks, and to walk the path would take longer than the answer.
  struct statvfs space = {};
  if (::fstatvfs(directory_.get(), &space) != 0) return {};
  const std::uint64_t available = std::uint64_t{space.f_bavail} * space.f_frsize;
  if (available >= wanted) return {};
  return Error{kind, "Only " + std::to_string(available >> 20) + " MiB are free in " +
                         config_.directory.string() + " and " + std::to_string(wanted >> 20) +
                         " MiB are needed; make room."};
}

Result<void> Store::append(const Block& block) {
  const Height height = block.header.height;
  const auto previous = tip();
  CHECK(height.value() == (previous ? previous->height.value() + 1 : 1));
  TRY(check_space(config_.reserve_bytes, "disk_full"));
  Batch batch;  // not from a list, whose elements cannot be moved
  batch.puts.push_back({Family::blocks, height_key(height), encode(block, size_of(block))});
  TRY(write(batch));
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
  if (!block) return no_block(height);
  return std::move(*block);
}

Error Store::no_block(Height height) const {
  const auto newest = tip();
  if (!newest || height > newest->height) {
    return {"block_not_found", "there is no block " + std::to_string(height.value()) + " yet"};
  }
  if (height.value() >= first_) {
    return store_corrupt("block " + std::to_string(height.value()) + " is missing");
  }
  return {"block_pruned", "this node keeps blocks from " + std::to_string(first_) +
                              " on; ask one that keeps all of them"};
}

std::optional<Header> Store::tip() const {
  const std::lock_guard lock(mutex_);
  return tip_;
}

// --- Checkpoint ---------------------------------------------------------------------------------

Result<void> Store::write_checkpoint(const CheckpointMark& mark, const Rows& state,
                                     const Rows& index) {
  TRY(check_space(config_.reserve_bytes, "disk_full"));
  if (failed_) return Error{"store_failed", "An earlier write failed; restart the node."};
  TRY_ASSIGN(const auto before, get<CheckpointMark>(*database_, Family::derived, kMarkKey));
  const Height previous = before && before->height < mark.height ? before->height : Height();
  auto written = database_->write_derived([&](const RowSink& sink) -> Result<void> {
    TRY(state([&](ByteView key, ByteView value) {
      return sink(as_bytes(std::string(kRowPrefix) + std::string(as_text(key))), value);
    }));
    TRY(index(sink));
    TRY(sink(as_bytes(link_key(mark.height)), encode(previous)));
    return sink(as_bytes(kMarkKey), encode(mark));
  });
  if (written.has_error()) failed_ = true;
  return written;
}

Result<void> Store::drop_checkpoint() { return database_->drop_derived(); }

Result<std::optional<CheckpointMark>> Store::checkpoint() const {
  TRY_ASSIGN(const auto mark, get<CheckpointMark>(*database_, Family::derived, kMarkKey));
  for (Height height = mark ? mark->height : Height(); height > Height();) {
    TRY_ASSIGN(const auto previous, get<Height>(*database_, Family::derived, link_key(height)));
    if (!previous || *previous >= height) return store_corrupt("a checkpoint is missing");
    height = *previous;
  }
  return mark;
}

Rows Store::state_rows() const {
  return [this](const RowSink& sink) {
    return database_->scan(
        Family::derived, kRowPrefix, kRowsEnd,
        [&](ByteView key, ByteView value) { return sink(key.subspan(kRowPrefix.size()), value); });
  };
}

Result<bool> Store::index_row(std::string_view key,
                              const std::function<void(ByteView value)>& use) const {
  return database_->get(Family::derived, key, use);
}

Result<void> Store::walk_index(std::string_view start, bool backwards,
                               const Database::Visitor& visit) const {
  return database_->walk(Family::derived, start, backwards, visit);
}

Result<void> Store::prune(Height height) {
  if (height.value() <= first_) return {};
  const Batch batch{{meta_put(kFirstKey, encode(height))},
                    {{Family::blocks, height_key(Height(first_)), height_key(height)}}};
  TRY(write(batch));
  first_ = height.value();
  return {};
}

// --- Health -------------------------------------------------------------------------------------

Result<void> Store::check_room() const {
  return check_space(4 * config_.reserve_bytes, "disk_low");
}

Result<void> Store::verify_files() const { return database_->verify_files(); }

}  // namespace bourse::chain
