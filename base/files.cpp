// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace bourse {
namespace {

Error file_error(const char* action, const std::filesystem::path& path, int code) {
  const char* kind = code == ENOENT   ? "file_not_found"
                     : code == EEXIST ? "file_exists"
                                      : "file_error";
  return {kind, std::string("Cannot ") + action + " " + path.string() + ": " +
                    std::generic_category().message(code) + "."};
}

Error not_private(const std::filesystem::path& path, const char* reason) {
  return {"file_not_private", path.string() + " " + reason};
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Result<void> write_all(int fd, ByteView contents, const std::filesystem::path& path) {
  while (!contents.empty()) {
    const ssize_t count = ::write(fd, contents.data(), contents.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("write", path, errno);
    contents = contents.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<Bytes> read_all(int fd, std::size_t max_bytes, const std::filesystem::path& path) {
  Bytes out;
  for (;;) {
    std::uint8_t buffer[16384];
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("read", path, errno);
    if (count == 0) return out;
    append(out, {buffer, static_cast<std::size_t>(count)});
    if (out.size() > max_bytes) {
      return Error{"file_too_large", path.string() + " is larger than the " +
                                         std::to_string(max_bytes) + " bytes allowed here."};
    }
  }
}

/// A synced sibling of `path` with the contents. It has a name of its own, so that two writers
/// never share one; it is removed with this object unless it has been moved to `path`.
class Temporary {
 public:
  explicit Temporary(const std::filesystem::path& path) : name_(path.string() + ".tmp-XXXXXX") {}
  ~Temporary() {
    if (created_) ::unlink(name_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  Result<void> fill(ByteView contents, unsigned mode) {
    const UniqueFd fd(::mkostemp(name_.data(), O_CLOEXEC));
    if (!fd) return file_error("create", name_, errno);
    created_ = true;
    TRY(write_all(fd.get(), contents, name_));
    if (::fchmod(fd.get(), mode) != 0) return file_error("set the mode of", name_, errno);
    if (::fsync(fd.get()) != 0) return file_error("sync", name_, errno);
    return {};
  }
  Result<void> replace(const std::filesystem::path& path) {
    if (::rename(name_.c_str(), path.c_str()) != 0) return file_error("replace", path, errno);
    created_ = false;
    return {};
  }
  /// link(), unlike rename(), fails when the name is taken; the second name goes with this object.
  Result<void> link_as(const std::filesystem::path& path) {
    if (::link(name_.c_str(), path.c_str()) != 0) return file_error("create", path, errno);
    return {};
  }

 private:
  std::string name_;
  bool created_ = false;
};

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> write_file_atomic(const std::filesystem::path& path, ByteView contents,
                               unsigned mode) {
  Temporary temporary(path);
  TRY(temporary.fill(contents, mode));
  TRY(temporary.replace(path));
  return fsync_dir(directory_of(path));
}

Result<void> create_file_atomic(const std::filesystem::path& path, ByteView contents,
                                unsigned mode) {
  {
    Temporary temporary(path);
    TRY(temporary.fill(contents, mode));
    TRY(temporary.link_as(path));
  }
  return fsync_dir(directory_of(path));
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return file_error("open", path, errno);
  return read_all(fd.get(), max_bytes, path);
}

Result<Bytes> read_private_file(const std::filesystem::path& path, std::size_t max_bytes) {
  // O_NONBLOCK: a named pipe laid in the way must not hang the program.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ELOOP) return not_private(path, "is a symbolic link; name the file itself.");
  if (!fd) return file_error("open", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return file_error("examine", path, errno);
  if (!S_ISREG(status.st_mode)) return not_private(path, "is not a regular file.");
  if (status.st_uid != ::geteuid()) return not_private(path, "belongs to another user.");
  if ((status.st_mode & 077) != 0) {
    return not_private(path, "is open to other users; run chmod 600 on it.");
  }
  return read_all(fd.get(), max_bytes, path);
}

Result<void> fsync_dir(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!fd) return file_error("open", path, errno);
  if (::fsync(fd.get()) != 0) return file_error("sync", path, errno);
  return {};
}

}  // namespace bourse
