// SPDX-License-Identifier: Apache-2.0
//
// The anchor: a small file outside the database that remembers the newest durable block. A database
// that has lost its tail (a deleted or truncated log opens without complaint) is behind its anchor
// and is found out at the next start.
#pragma once

#include <filesystem>
#include <optional>

#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"
#include "base/result.hpp"

namespace bourse::chain {

struct AnchorPoint {
  Height height;
  Hash hash;

  friend bool operator==(const AnchorPoint&, const AnchorPoint&) = default;
};

class Anchor {
 public:
  /// Reads the file if there is one. Error kinds: anchor_corrupt, file_error.
  static Result<Anchor> open(const std::filesystem::path& path);

  /// The newest point; nothing before the first write.
  const std::optional<AnchorPoint>& point() const { return point_; }

  /// Durable when it returns. A crash while writing leaves the point before. Error kind:
  /// file_error.
  Result<void> write(const AnchorPoint& point);

 private:
  explicit Anchor(std::filesystem::path path) : path_(std::move(path)) {}
  Result<void> create(const AnchorPoint& point);

  std::filesystem::path path_;
  UniqueFd fd_;
  std::optional<AnchorPoint> point_;
  std::size_t next_slot_ = 0;
};

}  // namespace bourse::chain
