// SPDX-License-Identifier: Apache-2.0
#include "provider/runtime_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/crypto.hpp"
#include "base/files.hpp"

namespace bourse::provider {
namespace fs = std::filesystem;
namespace {

/// Caches, logs, package lists and the host's names, with everything below. /dev comes from the
/// sandbox. The package sources go because mirrors with equal packages should give equal digests.
constexpr const char* kRemoved[] = {"var/log",
                                    "var/cache",
                                    "var/lib/apt",
                                    "etc/apt",
                                    "run",
                                    "dev",
                                    "proc",
                                    "sys",
                                    "tmp",
                                    "var/tmp",
                                    "etc/machine-id",
                                    "var/lib/dbus/machine-id",
                                    "etc/hostname",
                                    "etc/resolv.conf",
                                    "etc/hosts",
                                    "var/lib/systemd/random-seed"};
/// Mount points of the sandbox, and directories that programs take for granted.
constexpr const char* kAdded[] = {"dev", "in",      "out",     "proc",     "tmp",
                                  "run", "var/tmp", "var/log", "var/cache"};
/// Programs that ask who they are should get an answer; the sandbox runs them as user 1000.
constexpr std::string_view kUserLine = "job:x:1000:1000::/tmp:/bin/sh\n";
constexpr std::string_view kGroupLine = "job:x:1000:\n";

constexpr mode_t kExecutable = 0755;
constexpr mode_t kPlain = 0644;

Error tree_error(const char* action, const fs::path& path, int code) {
  return {"file_error", std::string("Cannot ") + action + " " + path.string() + ": " +
                            std::generic_category().message(code) + "."};
}

/// Every path below the root, not following links.
Result<std::vector<fs::path>> paths_below(const fs::path& root) {
  std::error_code failed;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator it(root, failed), end; !failed && it != end;
       it.increment(failed)) {
    paths.push_back(it->path());
  }
  if (failed) return tree_error("list", root, failed.value());
  return paths;
}

bool append_line(const fs::path& file, std::string_view line) {
  std::ofstream out(file, std::ios::app);
  return static_cast<bool>(out << line);
}

Result<void> set_mode_and_time(const fs::path& path) {
  struct stat seen {};
  if (::lstat(path.c_str(), &seen) != 0) return tree_error("read", path, errno);
  const bool known = S_ISREG(seen.st_mode) || S_ISDIR(seen.st_mode) || S_ISLNK(seen.st_mode);
  if (!known) {
    return ::unlink(path.c_str()) == 0 ? Result<void>() : tree_error("remove", path, errno);
  }
  const bool executable = S_ISDIR(seen.st_mode) || (seen.st_mode & 0111) != 0;
  if (!S_ISLNK(seen.st_mode) && ::chmod(path.c_str(), executable ? kExecutable : kPlain) != 0) {
    return tree_error("change the mode of", path, errno);
  }
  const timespec times[] = {{kSourceDateEpoch, 0}, {kSourceDateEpoch, 0}};
  if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return tree_error("set the time of", path, errno);
  }
  return {};
}

Result<Hash> file_digest(const fs::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return tree_error("open", path, errno);
  Sha256 hash;
  std::uint8_t buffer[65536];
  for (ssize_t count = 0; (count = ::read(file.get(), buffer, sizeof buffer)) != 0;) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tree_error("read", path, errno);
    hash.update({buffer, static_cast<std::size_t>(count)});
  }
  return hash.finish();
}

template <class Integer>
void append_big_endian(Bytes& out, Integer value) {
  for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

Result<Bytes> entry_bytes(const fs::path& root, const fs::path& path) {
  struct stat seen {};
  if (::lstat(path.c_str(), &seen) != 0) return tree_error("read", path, errno);
  char kind = 'd';
  std::uint64_t size = 0;
  Hash content{};
  if (S_ISLNK(seen.st_mode)) {
    std::error_code failed;
    const std::string target = fs::read_symlink(path, failed).string();
    if (failed) return tree_error("read", path, failed.value());
    kind = 'l';
    size = target.size();
    content = sha256(as_bytes(target));
  } else if (S_ISREG(seen.st_mode)) {
    TRY_ASSIGN(content, file_digest(path));
    kind = (seen.st_mode & 0100) != 0 ? 'x' : 'f';
    size = static_cast<std::uint64_t>(seen.st_size);
  } else if (!S_ISDIR(seen.st_mode)) {
    return Error{"bad_runtime", path.string() + " is no file, directory or link."};
  }
  const std::string name = path.lexically_relative(root).string();
  Bytes out = {static_cast<std::uint8_t>(kind)};
  append_big_endian(out, size);
  append(out, content.bytes);
  append_big_endian(out, static_cast<std::uint32_t>(name.size()));
  append(out, as_bytes(name));
  return out;
}

}  // namespace

Result<void> canonicalise_tree(const fs::path& root) {
  std::error_code failed;
  for (const char* name : kRemoved) fs::remove_all(root / name, failed);
  for (const char* name : kAdded) fs::create_directories(root / name, failed);
  if (failed) return tree_error("write to", root, failed.value());
  if (fs::is_regular_file(fs::symlink_status(root / "etc/passwd")) &&
      (!append_line(root / "etc/passwd", kUserLine) ||
       !append_line(root / "etc/group", kGroupLine))) {
    return tree_error("write to", root / "etc", EIO);
  }
  TRY_ASSIGN(auto paths, paths_below(root));
  // Children first, so that no directory is touched after its time has been set.
  std::sort(paths.rbegin(), paths.rend());
  paths.push_back(root);
  for (const fs::path& path : paths) TRY(set_mode_and_time(path));
  return {};
}

Result<Hash> tree_digest(const fs::path& root) {
  TRY_ASSIGN(auto paths, paths_below(root));
  std::sort(paths.begin(), paths.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  Sha256 hash = tagged_hasher("bourse/runtime");
  for (const fs::path& path : paths) {
    TRY_ASSIGN(const Bytes entry, entry_bytes(root, path));
    hash.update(entry);
  }
  return hash.finish();
}

}  // namespace bourse::provider
