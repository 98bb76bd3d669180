// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing whole small files: configuration, keys, anchors. A file is replaced by
// rename, so that a crash leaves the old bytes or the new ones and nothing between.
#pragma once

#include <cstddef>
#include <filesystem>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace bourse {

/// Owns a file descriptor and closes it.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// What a permission mode of a secret is: its owner reads and writes it, nobody else anything.
inline constexpr unsigned kPrivateMode = 0600;

/// Writes or replaces the file; durable when it returns (file and directory are synced).
Result<void> write_file_atomic(const std::filesystem::path& path, ByteView contents, unsigned mode);

/// As write_file_atomic, but refuses with `file_exists` to replace a file: a key is never lost.
Result<void> create_file_atomic(const std::filesystem::path& path, ByteView contents,
                                unsigned mode);

/// The whole file, or `file_not_found`, `file_too_large` (above max_bytes) or `file_error`.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// As read_file, for secrets: refuses with `file_not_private` a symbolic link, a file of another
/// user, what is no regular file, and one that its group or the world can read or write.
Result<Bytes> read_private_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Makes the names in a directory durable.
Result<void> fsync_dir(const std::filesystem::path& path);

}  // namespace bourse
