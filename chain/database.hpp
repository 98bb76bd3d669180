// SPDX-License-Identifier: Apache-2.0
//
// The one door to RocksDB: four families of keys, atomic batches, and options that refuse a damaged
// file instead of passing over it. What the keys mean is the store's business.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace rocksdb {
class Env;
}

namespace bourse::chain {

enum class Family : std::uint8_t { meta, blocks, checkpoints, index };

/// Changes that are made together or not at all.
struct Batch {
  struct Put {
    Family family;
    std::string key;
    Bytes value;
  };
  /// Removes the keys from `from` to before `to`.
  struct Removal {
    Family family;
    std::string from;
    std::string to;
  };
  std::vector<Put> puts;
  std::vector<Removal> removals;
};

enum class Durability : std::uint8_t {
  lazy,   ///< A crash of the machine may lose it, but nothing that was written before it.
  synced  ///< It and all that was written before it are on disk when write() returns.
};

/// The error of a file that is not what was written.
Error store_corrupt(const std::string& what);

class Database {
 public:
  /// Opens or creates, on the disk behind `env` if there is one: tests simulate it. Error kind:
  /// store_open_failed.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& directory,
                                                rocksdb::Env* env = nullptr);
  ~Database();

  /// Error kind: store_corrupt.
  Result<std::optional<Bytes>> get(Family family, ByteView key) const;
  /// The value of the largest key. Error kind: store_corrupt.
  Result<std::optional<Bytes>> last(Family family) const;
  /// The first and the last key of each table file, in order.
  std::vector<std::pair<std::string, std::string>> tables(Family family) const;
  /// After an error nothing may be written any more. Error kind: store_failed.
  Result<void> write(const Batch& batch, Durability durability);
  /// Reads every file and compares checksums. Error kind: store_corrupt.
  Result<void> verify_files() const;

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::chain
