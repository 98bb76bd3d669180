// SPDX-License-Identifier: Apache-2.0
#include "chain/database.hpp"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace bourse::chain {
namespace {

/// What a batch of derived rows keeps of its memory: enough for 64 MiB of transactions.
constexpr std::size_t kBatchKeptMax = std::size_t{64} << 20;

/// The next start reads back what is in no table yet, row by row: a second for each 64 MiB.
constexpr std::uint64_t kUnflushedMax = std::uint64_t{16} << 20;

/// RocksDB's own log file aborts the process when the disk is full, so it talks through ours.
class LogBridge : public rocksdb::Logger {
 public:
  LogBridge() : rocksdb::Logger(rocksdb::ERROR_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char line[512];
    std::vsnprintf(line, sizeof line, format, arguments);
    spdlog::error("rocksdb: {}", line);
  }
};

/// Nothing is tried again after a failed write, not by RocksDB either.
class NoRecovery : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* recover) override {
    *recover = false;
  }
};

rocksdb::DBOptions database_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  if (env) options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  // The default mode, kPointInTimeRecovery, silently drops what follows a damaged record. This one
  // refuses a damaged record and accepts a torn last write, which nobody was told of.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  // Bounds what a start has to read back.
  options.max_total_wal_size = std::uint64_t{64} << 20;
  // A start writes what the log holds into tables. Left to itself (avoid_flush_during_recovery) it
  // goes on behind a torn record, and the start after that loses what follows: tests/sim found it.
  options.avoid_flush_during_recovery = false;
  options.max_open_files = 512;
  // Tables go to the disk as they are written. A table that is written at once at its end holds up
  // the log's sync behind it, because both share the file system's journal.
  options.bytes_per_sync = std::uint64_t{1} << 20;
  options.wal_bytes_per_sync = std::uint64_t{1} << 20;
  options.info_log = std::make_shared<LogBridge>();
  options.listeners = {std::make_shared<NoRecovery>()};
  options.max_bgerror_resume_count = 0;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(std::size_t block_bytes = 4096) {
  rocksdb::ColumnFamilyOptions options;
  options.paranoid_file_checks = true;
  options.force_consistency_checks = true;
  // Hashes, keys and signatures do not compress.
  options.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = block_bytes;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// The derived rows come in large batches of which each is as wide as the family. Merging files of
/// like size rewrites a row once per doubling instead of once per level.
rocksdb::Options derived_options(rocksdb::Env* env) {
  // A table is written, checked and read block by block, and these rows are small.
  constexpr std::size_t block_bytes = std::size_t{16} << 10;
  rocksdb::Options options(database_options(env), family_options(block_bytes));
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  // Twice the default: a row is rewritten less often, and a read looks into a few more files.
  options.level0_file_num_compaction_trigger = 8;
  // As with bytes_per_sync: a checkpoint has seconds, and the block beside it has not.
  options.rate_limiter.reset(rocksdb::NewGenericRateLimiter(std::int64_t{64} << 20));
  return options;
}

Error store_failed(const rocksdb::Status& status) {
  return {"store_failed", "Writing to the database failed: " + status.ToString() +
                              ". Check the disk, then restart the node."};
}

rocksdb::Slice slice(ByteView view) {
  const std::string_view text = as_text(view);
  return {text.data(), text.size()};
}
Bytes to_bytes(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

}  // namespace

struct Database::Impl {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::unique_ptr<rocksdb::DB> derived;
  std::string derived_path;
  rocksdb::Env* env = nullptr;
  /// Of derived rows. It keeps its memory, because the next one is often as large, and to get tens
  /// of MiB anew costs the kernel more than to fill them.
  rocksdb::WriteBatch derived_batch;

  ~Impl() {
    for (rocksdb::ColumnFamilyHandle* family : families) delete family;
  }
  rocksdb::DB& of(Family family) const { return family == Family::derived ? *derived : *db; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return family == Family::derived ? derived->DefaultColumnFamily()
                                     : families[static_cast<std::size_t>(family)];
  }
  rocksdb::Status open_derived();
  rocksdb::Status destroy_derived();
};

Error store_corrupt(const std::string& what) {
  return {"store_corrupt", "The database is damaged (" + what +
                               "). Restore it from a backup or from another copy of the chain."};
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& directory,
                                                 rocksdb::Env* env) {
  const auto options = family_options();
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, options}, {"blocks", options}};
  auto impl = std::make_unique<Impl>();
  impl->env = env;
  impl->derived_path = (directory / "derived").string();
  rocksdb::DB* db = nullptr;
  auto status = rocksdb::DB::Open(database_options(env), directory.string(), descriptors,
                                  &impl->families, &db);
  impl->db.reset(db);
  if (status.ok()) {
    status = impl->open_derived();
    if (!status.ok()) {
      spdlog::warn("what is derived from the blocks is made again: {}", status.ToString());
      status = impl->destroy_derived();
      if (status.ok()) status = impl->open_derived();
    }
  }
  if (!status.ok()) {
    return Error{"store_open_failed", "The database does not open: " + status.ToString() + "."};
  }
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

rocksdb::Status Database::Impl::open_derived() {
  const rocksdb::Options options = derived_options(env);
  // Otherwise RocksDB reports a directory that it is about to make as an error.
  auto status = options.env->CreateDirIfMissing(derived_path);
  if (!status.ok()) return status;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::Open(options, derived_path, &opened);
  derived.reset(opened);
  return status;
}

rocksdb::Status Database::Impl::destroy_derived() {
  derived.reset();
  return rocksdb::DestroyDB(derived_path, derived_options(env));
}

Result<void> Database::drop_derived() {
  auto status = impl_->destroy_derived();
  if (status.ok()) status = impl_->open_derived();
  if (!status.ok()) return store_failed(status);
  return {};
}

Result<bool> Database::get(Family family, std::string_view key,
                           const std::function<void(ByteView value)>& use) const {
  rocksdb::PinnableSlice value;
  const auto status = impl_->of(family).Get({}, impl_->handle(family), key, &value);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return store_corrupt(status.ToString());
  use(as_bytes(value.ToStringView()));
  return true;
}

Result<std::optional<Bytes>> Database::last(Family family) const {
  const std::unique_ptr<rocksdb::Iterator> at(
      impl_->of(family).NewIterator({}, impl_->handle(family)));
  at->SeekToLast();
  if (!at->status().ok()) return store_corrupt(at->status().ToString());
  if (!at->Valid()) return std::optional<Bytes>{};
  return std::optional(to_bytes(at->value().ToStringView()));
}

Result<void> Database::scan(Family family, std::string_view first, std::string_view end,
                            const RowSink& sink) const {
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options;
  options.readahead_size = std::size_t{2} << 20;
  options.iterate_upper_bound = &bound;
  // What is read once would only push out what is asked for often.
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(
      impl_->of(family).NewIterator(options, impl_->handle(family)));
  for (at->Seek(first); at->Valid(); at->Next()) {
    TRY(sink(as_bytes(at->key().ToStringView()), as_bytes(at->value().ToStringView())));
  }
  if (!at->status().ok()) return store_corrupt(at->status().ToString());
  return {};
}

Result<void> Database::walk(Family family, std::string_view start, bool backwards,
                            const Visitor& visit) const {
  const std::unique_ptr<rocksdb::Iterator> at(
      impl_->of(family).NewIterator({}, impl_->handle(family)));
  at->Seek(start);
  if (backwards && !at->Valid()) at->SeekToLast();
  while (at->Valid() &&
         visit(as_bytes(at->key().ToStringView()), as_bytes(at->value().ToStringView()))) {
    backwards ? at->Prev() : at->Next();
  }
  if (!at->status().ok()) return store_corrupt(at->status().ToString());
  return {};
}

std::vector<std::pair<std::string, std::string>> Database::tables(Family family) const {
  std::vector<rocksdb::LiveFileMetaData> files;
  impl_->db->GetLiveFilesMetaData(&files);
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& file : files) {
    if (file.column_family_name == impl_->handle(family)->GetName()) {
      out.emplace_back(file.smallestkey, file.largestkey);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> Database::write(const Batch& batch) {
  rocksdb::WriteBatch out;
  for (const auto& [family, key, value] : batch.puts) {
    out.Put(impl_->handle(family), key, slice(value));
  }
  for (const auto& [family, from, to] : batch.removals) {
    out.DeleteRange(impl_->handle(family), from, to);
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  options.protection_bytes_per_key = 8;
  const auto status = impl_->db->Write(options, &out);
  if (!status.ok()) return store_failed(status);
  return {};
}

Result<void> Database::write_derived(const Rows& rows) {
  // RocksDB counts each comparison of this thread, for statistics that nobody reads.
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  rocksdb::WriteBatch& out = impl_->derived_batch;
  out.Clear();
  TRY(rows([&](ByteView key, ByteView value) -> Result<void> {
    out.Put(slice(key), slice(value));
    return {};
  }));
  rocksdb::WriteOptions options;
  options.sync = true;
  auto status = impl_->derived->Write(options, &out);
  if (out.GetDataSize() > kBatchKeptMax) out = rocksdb::WriteBatch();
  std::uint64_t unflushed = 0;
  impl_->derived->GetIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable, &unflushed);
  if (status.ok() && unflushed > kUnflushedMax) {
    // By itself RocksDB would begin at the next write, which may be long after this one.
    rocksdb::FlushOptions flush;
    flush.wait = false;
    flush.allow_write_stall = true;
    status = impl_->derived->Flush(flush);
  }
  if (!status.ok()) return store_failed(status);
  return {};
}

Result<void> Database::verify_files() const {
  for (rocksdb::DB* db : {impl_->db.get(), impl_->derived.get()}) {
    const auto status = db->VerifyChecksum();
    if (!status.ok()) return store_corrupt(status.ToString());
  }
  return {};
}

}  // namespace bourse::chain
