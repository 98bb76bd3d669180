// SPDX-License-Identifier: Apache-2.0
//
// Job data on disk under its SHA-256. An upload streams to a temporary file while it is hashed, is
// synced and only then gets its name, so that whatever has a name is whole, also after kill -9. A
// record beside each blob says who keeps it and until when: several accounts may keep one blob,
// each within its own quota, and the blob goes when the last of them lets go.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/crypto.hpp"
#include "base/fields.hpp"
#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::rpc {

struct BlobLimits {
  std::uint64_t blob_bytes = std::uint64_t{64} << 20;
  std::uint64_t total_bytes = std::uint64_t{16} << 30;
};

/// Quotas and the total count whole blocks, so that a million tiny blobs are not free.
inline constexpr std::uint64_t kBlobBlock = 4096;

struct BlobHolder {
  Address owner;
  TimeMs kept_until;

  static constexpr auto fields() {
    return std::tuple{
        field("owner", &BlobHolder::owner, "The account that keeps the blob."),
        field("kept_until", &BlobHolder::kept_until, "Until when it does."),
    };
  }
};

struct BlobRecord {
  std::uint64_t size = 0;
  std::vector<BlobHolder> holders;

  static constexpr auto fields() {
    return std::tuple{
        field("size", &BlobRecord::size, "Length in bytes."),
        field("holders", &BlobRecord::holders, "Who keeps it."),
    };
  }
};

/// Safe from any number of threads. Error kinds: blob_too_large, blob_hash_mismatch,
/// blob_not_found; blob_quota_exceeded and blob_store_full, which pass with time; and those of
/// base/files.hpp.
class BlobStore {
 public:
  class Upload;
  struct File {
    UniqueFd fd;
    std::uint64_t size = 0;
  };

  /// Makes the directory, removes what a crash left half done, and reads the records.
  static Result<std::unique_ptr<BlobStore>> open(std::filesystem::path directory,
                                                 BlobLimits limits);

  /// Reserves the space for a blob. `quota_bytes` is what the owner may keep in all.
  Result<std::unique_ptr<Upload>> begin(const Hash& hash, std::uint64_t size, const Address& owner,
                                        std::uint64_t quota_bytes, TimeMs kept_until);
  Result<File> read(const Hash& hash) const;
  /// Whether `owner` has stored the blob itself: knowing a hash gives no right to the content.
  bool is_held_by(const Hash& hash, const Address& owner) const;
  /// Deletes what nobody keeps any more at `now`; returns how many blobs went.
  std::size_t sweep(TimeMs now);

  std::uint64_t used_bytes() const;
  std::uint64_t used_bytes(const Address& owner) const;

 private:
  BlobStore(std::filesystem::path directory, BlobLimits limits)
      : directory_(std::move(directory)), limits_(limits) {}

  std::filesystem::path path_of(const Hash& hash) const;
  std::filesystem::path record_path_of(const Hash& hash) const;
  void load_folder(const std::filesystem::path& folder);
  void load(const Hash& hash);
  Result<TimeMs> keep(const Upload& upload);
  void charge(const Address& owner, std::uint64_t size);
  void release(const Address& owner, std::uint64_t size);

  const std::filesystem::path directory_;
  const BlobLimits limits_;
  mutable std::mutex mutex_;
  std::map<Hash, BlobRecord> records_;
  std::map<Address, std::uint64_t> used_;
  std::uint64_t total_ = 0;
};

/// One upload under way. Dropping it before finish() leaves no trace. The store outlives it.
class BlobStore::Upload {
 public:
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload();

  Result<void> write(ByteView data);
  /// Checks length and hash and makes the blob durable. Returns until when the owner keeps it: the
  /// later one of this upload's date and an earlier upload's.
  Result<TimeMs> finish();

 private:
  friend class BlobStore;
  Upload(BlobStore& store, const Hash& hash, std::uint64_t size, BlobHolder holder)
      : store_(store), hash_(hash), size_(size), holder_(holder) {}

  BlobStore& store_;
  const Hash hash_;
  const std::uint64_t size_;
  const BlobHolder holder_;
  std::uint64_t reserved_total_ = 0;
  std::uint64_t reserved_owner_ = 0;
  std::filesystem::path temporary_;
  UniqueFd fd_;
  std::uint64_t written_ = 0;
  Sha256 hasher_;
};

}  // namespace bourse::rpc
