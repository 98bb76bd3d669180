// SPDX-License-Identifier: Apache-2.0
//
// The one door to RocksDB: families of keys, atomic batches, and options that refuse a damaged file
// instead of passing over it. What the keys mean is the store's business. What is derived from the
// blocks has a database of its own beside theirs, so that neither waits for the other, and so that
// it can be thrown away when it is damaged.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "chain/rows.hpp"

namespace rocksdb {
class Env;
}

namespace bourse::chain {

enum class Family : std::uint8_t { meta, blocks, derived };

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

/// The error of a file that is not what was written.
Error store_corrupt(const std::string& what);

class Database {
 public:
  /// Opens or creates, on the disk behind `env` if there is one: tests simulate it. A derived
  /// family that does not open comes out empty. Error kind: store_open_failed.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& directory,
                                                rocksdb::Env* env = nullptr);
  ~Database();

  /// Shows the value to `use`, which must not keep it; false when there is none. A block is large,
  /// so it is not copied. Error kind: store_corrupt.
  Result<bool> get(Family family, std::string_view key,
                   const std::function<void(ByteView value)>& use) const;
  /// The value of the largest key. Error kind: store_corrupt.
  Result<std::optional<Bytes>> last(Family family) const;
  /// Hands the rows from `first` to before `end` to the sink. Error kind: store_corrupt, and those
  /// of the sink.
  Result<void> scan(Family family, std::string_view first, std::string_view end,
                    const RowSink& sink) const;
  /// Visits rows, beginning with the first that is not before `start` (backwards: with the last one
  /// when there is none), until the visitor says no. Error kind: store_corrupt.
  using Visitor = std::function<bool(ByteView key, ByteView value)>;
  Result<void> walk(Family family, std::string_view start, bool backwards,
                    const Visitor& visit) const;
  /// The first and the last key of each table file, in order.
  std::vector<std::pair<std::string, std::string>> tables(Family family) const;

  /// The batch, and all that was written before, is on disk when this returns. After an error
  /// nothing may be written any more. Error kind: store_failed.
  Result<void> write(const Batch& batch);

  /// Adds rows to the derived family, whole or not at all; they are on disk when this returns.
  /// After an error nothing may be written any more. Error kind: store_failed, and those of the
  /// rows.
  Result<void> write_derived(const Rows& rows);
  /// Empties the derived family. Nobody else may use the database meanwhile. Error kind:
  /// store_failed.
  Result<void> drop_derived();

  /// Reads every file and compares checksums. Error kind: store_corrupt.
  Result<void> verify_files() const;

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::chain
