// SPDX-License-Identifier: Apache-2.0
#include "rpc/blob_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/codec.hpp"

namespace bourse::rpc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kIncoming = "incoming";
constexpr const char* kRecordSuffix = ".record";
constexpr std::size_t kRecordBytesMax = 16u << 20;
constexpr unsigned kBlobMode = 0600;

Error disk_error(const char* action, const fs::path& path, int code) {
  return {"file_error", std::string("cannot ") + action + " " + path.string() + ": " +
                            std::generic_category().message(code)};
}

std::uint64_t blocks(std::uint64_t size) {
  return std::max<std::uint64_t>(1, (size + kBlobBlock - 1) / kBlobBlock) * kBlobBlock;
}

std::vector<BlobHolder>::iterator holder_of(BlobRecord& record, const Address& owner) {
  return std::ranges::find(record.holders, owner, &BlobHolder::owner);
}

}  // namespace

Result<std::unique_ptr<BlobStore>> BlobStore::open(fs::path directory, BlobLimits limits) {
  std::error_code failure;
  // Whatever was arriving when the process ended has no name yet, and nobody was told of it.
  fs::remove_all(directory / kIncoming, failure);
  if (!failure) fs::create_directories(directory / kIncoming, failure);
  if (failure) return disk_error("create", directory / kIncoming, failure.value());

  std::unique_ptr<BlobStore> store(new BlobStore(std::move(directory), limits));
  for (const auto& entry : fs::directory_iterator(store->directory_, failure)) {
    const std::string name = entry.path().filename().string();
    if (name.size() == 2 && from_hex(name)) store->load_folder(entry.path());
  }
  if (failure) return disk_error("read", store->directory_, failure.value());
  return store;
}

void BlobStore::load_folder(const fs::path& folder) {
  std::vector<std::pair<fs::path, std::optional<Hash>>> entries;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    const auto bytes = from_hex(entry.path().stem().string());
    const auto hash = Hash::from(bytes.value_or(Bytes{}));
    entries.emplace_back(entry.path(), hash);
    if (hash && entry.path() == path_of(*hash)) load(*hash);
  }
  // A blob without its record was never acknowledged, or was being deleted; so for the rest.
  for (const auto& [path, hash] : entries) {
    const bool is_ours = hash && records_.contains(*hash) &&
                         (path == path_of(*hash) || path == record_path_of(*hash));
    if (!is_ours) fs::remove(path, failure);
  }
}

void BlobStore::load(const Hash& hash) {
  const auto bytes = read_file(record_path_of(hash), kRecordBytesMax);
  if (!bytes) return;
  auto record = decode<BlobRecord>(*bytes);
  std::error_code failure;
  if (!record || fs::file_size(path_of(hash), failure) != record->size) return;
  total_ += blocks(record->size);
  for (const BlobHolder& holder : record->holders) charge(holder.owner, blocks(record->size));
  records_.emplace(hash, std::move(*record));
}

Result<std::unique_ptr<BlobStore::Upload>> BlobStore::begin(const Hash& hash, std::uint64_t size,
                                                            const Address& owner,
                                                            std::uint64_t quota_bytes,
                                                            TimeMs kept_until) {
  if (size > limits_.blob_bytes) {
    return Error{"blob_too_large", "a blob has at most " + std::to_string(limits_.blob_bytes) +
                                       " bytes; split the data"};
  }
  std::unique_ptr<Upload> upload(new Upload(*this, hash, size, {owner, kept_until}));
  {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(hash);
    const bool is_stored = found != records_.end();
    const bool is_kept =
        is_stored && holder_of(found->second, owner) != found->second.holders.end();
    const std::uint64_t space = blocks(size);
    const auto used = used_.find(owner);
    if (!is_kept && (used == used_.end() ? 0 : used->second) + space > quota_bytes) {
      return Error{"blob_quota_exceeded", "the account's storage quota of " +
                                              std::to_string(quota_bytes) +
                                              " bytes is used up; wait until older blobs expire"};
    }
    if (!is_stored && total_ + space > limits_.total_bytes) {
      return Error{"blob_store_full", "the node's blob store is full; try again later"};
    }
    if (!is_stored) upload->reserved_total_ = space;
    if (!is_kept) upload->reserved_owner_ = space;
    total_ += upload->reserved_total_;
    charge(owner, upload->reserved_owner_);
  }
  std::string name = (directory_ / kIncoming / "XXXXXX").string();
  upload->fd_ = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
  if (!upload->fd_) return disk_error("create", name, errno);
  upload->temporary_ = name;
  return upload;
}

Result<BlobStore::File> BlobStore::read(const Hash& hash) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(hash);
  if (found == records_.end()) {
    return Error{"blob_not_found", "there is no blob with this hash here; it may have expired"};
  }
  UniqueFd fd(::open(path_of(hash).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return disk_error("open", path_of(hash), errno);
  return File{std::move(fd), found->second.size};
}

bool BlobStore::is_held_by(const Hash& hash, const Address& owner) const {
  const std::scoped_lock lock(mutex_);
  const auto found = records_.find(hash);
  if (found == records_.end()) return false;
  const auto& holders = found->second.holders;
  return std::any_of(holders.begin(), holders.end(),
                     [&](const BlobHolder& holder) { return holder.owner == owner; });
}

std::size_t BlobStore::sweep(TimeMs now) {
  const std::lock_guard lock(mutex_);
  std::size_t deleted = 0;
  for (auto entry = records_.begin(); entry != records_.end();) {
    BlobRecord& record = entry->second;
    const std::uint64_t space = blocks(record.size);
    // The record on disk is not rewritten: after a restart the same holders expire again.
    std::erase_if(record.holders, [&](const BlobHolder& holder) {
      if (holder.kept_until > now) return false;
      release(holder.owner, space);
      return true;
    });
    if (!record.holders.empty()) {
      ++entry;
      continue;
    }
    std::error_code failure;
    fs::remove(record_path_of(entry->first), failure);
    fs::remove(path_of(entry->first), failure);
    total_ -= space;
    entry = records_.erase(entry);
    ++deleted;
  }
  return deleted;
}

std::uint64_t BlobStore::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::uint64_t BlobStore::used_bytes(const Address& owner) const {
  const std::lock_guard lock(mutex_);
  const auto found = used_.find(owner);
  return found == used_.end() ? 0 : found->second;
}

fs::path BlobStore::path_of(const Hash& hash) const {
  const std::string name = to_hex(hash.bytes);
  return directory_ / name.substr(0, 2) / name;
}

fs::path BlobStore::record_path_of(const Hash& hash) const {
  return path_of(hash).concat(kRecordSuffix);
}

void BlobStore::charge(const Address& owner, std::uint64_t size) {
  if (size != 0) used_[owner] += size;
}

void BlobStore::release(const Address& owner, std::uint64_t size) {
  const auto found = used_.find(owner);
  if (size != 0 && (found->second -= size) == 0) used_.erase(found);
}

Result<TimeMs> BlobStore::keep(const Upload& upload) {
  const std::lock_guard lock(mutex_);
  const fs::path path = path_of(upload.hash_);
  const auto found = records_.find(upload.hash_);
  const bool is_stored = found != records_.end();
  BlobRecord record = is_stored ? found->second : BlobRecord{upload.size_, {}};
  auto holder = holder_of(record, upload.holder_.owner);
  const bool is_kept = holder != record.holders.end();
  if (!is_kept) holder = record.holders.insert(record.holders.end(), upload.holder_);
  holder->kept_until = std::max(holder->kept_until, upload.holder_.kept_until);
  const TimeMs kept_until = holder->kept_until;

  if (!is_stored) {
    std::error_code failure;
    if (fs::create_directory(path.parent_path(), failure)) TRY(fsync_dir(directory_));
    if (!failure) fs::rename(upload.temporary_, path, failure);
    if (failure) return disk_error("store", path, failure.value());
  }
  // This syncs the directory too, after both names are in it.
  TRY(write_file_atomic(record_path_of(upload.hash_), encode(record), kBlobMode));
  const std::uint64_t space = blocks(record.size);
  if (!is_stored) total_ += space;
  if (!is_kept) charge(upload.holder_.owner, space);
  records_.insert_or_assign(upload.hash_, std::move(record));
  return kept_until;
}

BlobStore::Upload::~Upload() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  const std::lock_guard lock(store_.mutex_);
  store_.total_ -= reserved_total_;
  store_.release(holder_.owner, reserved_owner_);
}

Result<void> BlobStore::Upload::write(ByteView data) {
  written_ += data.size();
  if (written_ > size_) {
    return Error{"blob_too_large", "more data arrived than the upload had announced"};
  }
  hasher_.update(data);
  while (!data.empty()) {
    const ssize_t count = ::write(fd_.get(), data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk_error("write", temporary_, errno);
    data = data.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<TimeMs> BlobStore::Upload::finish() {
  if (written_ != size_ || hasher_.finish() != hash_) {
    return Error{"blob_hash_mismatch", "the data does not have the announced length and SHA-256"};
  }
  if (::fsync(fd_.get()) != 0) return disk_error("sync", temporary_, errno);
  return store_.keep(*this);
}

}  // namespace bourse::rpc
