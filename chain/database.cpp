// SPDX-License-Identifier: Apache-2.0
#include "chain/database.hpp"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace bourse::chain {
namespace {

/// RocksDB's own log file aborts the process when the disk is full, so it talks through ours.
class LogBridge : public rocksdb::Logger {
 public:
  LogBridge() : rocksdb::Logger(rocksdb::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char line[512];
    std::vsnprintf(line, sizeof line, format, arguments);
    spdlog::warn("rocksdb: {}", line);
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
  options.max_open_files = 512;
  options.info_log = std::make_shared<LogBridge>();
  options.listeners = {std::make_shared<NoRecovery>()};
  options.max_bgerror_resume_count = 0;
  return options;
}

rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.paranoid_file_checks = true;
  options.force_consistency_checks = true;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
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

  ~Impl() {
    for (rocksdb::ColumnFamilyHandle* family : families) delete family;
  }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return families[static_cast<std::size_t>(family)];
  }
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
      {rocksdb::kDefaultColumnFamilyName, options},
      {"blocks", options},
      {"checkpoints", options},
      {"index", options}};
  auto impl = std::make_unique<Impl>();
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(database_options(env), directory.string(), descriptors,
                                        &impl->families, &db);
  impl->db.reset(db);
  if (!status.ok()) {
    return Error{"store_open_failed", "The database does not open: " + status.ToString() + "."};
  }
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Result<std::optional<Bytes>> Database::get(Family family, ByteView key) const {
  std::string value;
  const auto status = impl_->db->Get({}, impl_->handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::optional<Bytes>{};
  if (!status.ok()) return store_corrupt(status.ToString());
  return std::optional(to_bytes(value));
}

Result<std::optional<Bytes>> Database::last(Family family) const {
  const std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator({}, impl_->handle(family)));
  at->SeekToLast();
  if (!at->status().ok()) return store_corrupt(at->status().ToString());
  if (!at->Valid()) return std::optional<Bytes>{};
  return std::optional(to_bytes(at->value().ToStringView()));
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

Result<void> Database::write(const Batch& batch, Durability durability) {
  rocksdb::WriteBatch out;
  for (const auto& [family, key, value] : batch.puts) {
    out.Put(impl_->handle(family), key, slice(value));
  }
  for (const auto& [family, from, to] : batch.removals) {
    out.DeleteRange(impl_->handle(family), from, to);
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::synced;
  options.protection_bytes_per_key = 8;
  const auto status = impl_->db->Write(options, &out);
  if (status.ok()) return {};
  return Error{"store_failed", "Writing to the database failed: " + status.ToString() +
                                   ". Check the disk, then restart the node."};
}

Result<void> Database::verify_files() const {
  const auto status = impl_->db->VerifyChecksum();
  if (!status.ok()) return store_corrupt(status.ToString());
  return {};
}

}  // namespace bourse::chain
