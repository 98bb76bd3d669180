// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_posix.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <map>

#include "base/check.hpp"

namespace bourse::sim {
namespace {

struct OpenFile {
  SimDisk::FileRef file;  // none for a directory
  std::string path;
  std::uint64_t at = 0;
};

constexpr int kFirstFd = 1 << 20;

SimDisk* mounted = nullptr;
std::string root;
std::map<int, OpenFile> open_files;
int next_fd = kFirstFd;

bool is_simulated(const char* path) {
  return mounted && std::string_view(path).starts_with(root) &&
         (path[root.size()] == '/' || path[root.size()] == '\0');
}
OpenFile* find(int fd) {
  const auto found = open_files.find(fd);
  return found == open_files.end() ? nullptr : &found->second;
}

int result(int code) {
  if (code == 0) return 0;
  errno = code;
  return -1;
}

int open_simulated(const std::string& path, SimDisk::Open how) {
  OpenFile opened{nullptr, path};
  if (result(mounted->open(path, how, opened.file)) != 0) return -1;
  open_files[next_fd] = std::move(opened);
  return next_fd++;
}

}  // namespace

Mount::Mount(SimDisk& disk, std::string path) {
  CHECK(!mounted);
  mounted = &disk;
  root = std::move(path);
}
Mount::~Mount() {
  mounted = nullptr;
  open_files.clear();
}

}  // namespace bourse::sim

using namespace bourse::sim;  // NOLINT: the functions below must be outside of any namespace

extern "C" {

int __real_open(const char* path, int flags, mode_t mode);
int __real_mkostemp(char* path, int flags);
ssize_t __real_read(int fd, void* out, std::size_t count);
ssize_t __real_write(int fd, const void* data, std::size_t count);
ssize_t __real_pwrite(int fd, const void* data, std::size_t count, off_t offset);
int __real_fchmod(int fd, mode_t mode);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_rename(const char* from, const char* to);
int __real_link(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_close(int fd);

int __wrap_open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (!is_simulated(path)) return __real_open(path, flags, mode);
  if ((flags & O_DIRECTORY) != 0) {
    open_files[next_fd] = {nullptr, path};
    return next_fd++;
  }
  return open_simulated(path, SimDisk::Open::existing);
}

int __wrap_mkostemp(char* path, int flags) {
  if (!is_simulated(path)) return __real_mkostemp(path, flags);
  // A name that is free, and the same one in every run.
  const std::string number = std::to_string(1'000'000 + mounted->operations() % 1'000'000);
  std::memcpy(path + std::strlen(path) - 6, number.data() + 1, 6);
  return open_simulated(path, SimDisk::Open::exclusive);
}

ssize_t __wrap_read(int fd, void* out, std::size_t count) {
  OpenFile* const file = find(fd);
  if (!file) return __real_read(fd, out, count);
  std::string bytes;
  if (result(mounted->read(file->file, file->at, count, bytes)) != 0) return -1;
  std::memcpy(out, bytes.data(), bytes.size());
  file->at += bytes.size();
  return static_cast<ssize_t>(bytes.size());
}

ssize_t __wrap_write(int fd, const void* data, std::size_t count) {
  OpenFile* const file = find(fd);
  if (!file) return __real_write(fd, data, count);
  const std::string_view bytes(static_cast<const char*>(data), count);
  return result(mounted->append(file->file, bytes)) == 0 ? static_cast<ssize_t>(count) : -1;
}

ssize_t __wrap_pwrite(int fd, const void* data, std::size_t count, off_t offset) {
  OpenFile* const file = find(fd);
  if (!file) return __real_pwrite(fd, data, count, offset);
  const std::string_view bytes(static_cast<const char*>(data), count);
  const int code = mounted->write_at(file->file, static_cast<std::uint64_t>(offset), bytes);
  return result(code) == 0 ? static_cast<ssize_t>(count) : -1;
}

int __wrap_fchmod(int fd, mode_t mode) { return find(fd) ? 0 : __real_fchmod(fd, mode); }

int __wrap_fsync(int fd) {
  OpenFile* const file = find(fd);
  if (!file) return __real_fsync(fd);
  return result(file->file ? mounted->sync(file->file) : mounted->sync_directory(file->path));
}

int __wrap_fdatasync(int fd) {
  OpenFile* const file = find(fd);
  return file ? result(mounted->sync(file->file)) : __real_fdatasync(fd);
}

int __wrap_rename(const char* from, const char* to) {
  return is_simulated(from) ? result(mounted->rename(from, to)) : __real_rename(from, to);
}

int __wrap_link(const char* from, const char* to) {
  return is_simulated(from) ? result(mounted->link(from, to)) : __real_link(from, to);
}

int __wrap_unlink(const char* path) {
  return is_simulated(path) ? result(mounted->remove(path)) : __real_unlink(path);
}

int __wrap_close(int fd) { return open_files.erase(fd) == 1 ? 0 : __real_close(fd); }

/// The program's own function comes before the library's without --wrap. Only the store asks for
/// free space.
int fstatvfs(int, struct statvfs* out) {
  *out = {};
  out->f_frsize = 1;
  out->f_bavail = mounted ? mounted->free_bytes() : UINT64_MAX / 2;
  return 0;
}
}
