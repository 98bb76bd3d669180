// SPDX-License-Identifier: Apache-2.0
#include "provider/outputs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "base/cbor.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"

namespace bourse::provider {
namespace {

/// Opens a name inside a directory and nowhere else: no link is followed and no mount crossed. The
/// kernel may ask to retry (EAGAIN) while something else on the machine is renamed.
UniqueFd open_beneath(int directory, const char* name, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  long fd = -1;
  do {
    fd = ::syscall(SYS_openat2, directory, name, &how, sizeof how);
  } while (fd < 0 && (errno == EAGAIN || errno == EINTR));
  return UniqueFd(static_cast<int>(fd));
}

const char* kind_name(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISFIFO(mode)) return "a fifo";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

bool has_control_character(std::string_view name) {
  return std::any_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// A path in a message, with what would disturb a terminal or a JSON text replaced.
std::string printable(std::string_view path) {
  std::string out;
  for (const char c : path.substr(0, kOutputPathBytesMax)) {
    out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return out;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

class Collector {
 public:
  explicit Collector(const OutputCaps& caps) : caps_(caps) {}

  CollectedOutputs collect(int directory) {
    if (!walk(directory, "")) return {{}, std::move(refused_)};
    std::sort(files_.begin(), files_.end(),
              [](const OutputFile& a, const OutputFile& b) { return a.path < b.path; });
    return {std::move(files_), {}};
  }

 private:
  bool refuse(const std::string& path, const std::string& why) {
    refused_ = "The output " + printable(path) + " " + why + ".";
    return false;
  }

  /// The depth is bounded by the length of a path.
  bool walk(int directory, const std::string& prefix) {
    const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseDirectory> listing(copy < 0 ? nullptr : ::fdopendir(copy));
    if (!listing) return refuse(prefix, "is a directory that cannot be read");
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(listing.get());
      if (entry == nullptr) {
        return errno == 0 || refuse(prefix, "is a directory that cannot be read");
      }
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (!take(directory, name, prefix.empty() ? name : prefix + "/" + name)) return false;
    }
  }

  bool take(int directory, const std::string& name, const std::string& path) {
    if (path.size() > kOutputPathBytesMax) return refuse(path, "has a path over 255 bytes");
    if (!is_utf8(path)) return refuse(path, "has a name that is not UTF-8");
    if (has_control_character(name)) return refuse(path, "has a control character in its name");
    struct stat seen {};
    if (::fstatat(directory, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0) {
      return refuse(path, "cannot be read");
    }
    // A root agent could read what the job may not; the rule is the same for every agent.
    if (S_ISDIR(seen.st_mode)) {
      if (++directories_ > caps_.files_max) return refuse(path, "is a directory too many");
      const UniqueFd inner = open_beneath(directory, name.c_str(), O_RDONLY | O_DIRECTORY);
      if (!inner || (seen.st_mode & 0500) != 0500) return refuse(path, "cannot be listed");
      return walk(inner.get(), path);
    }
    if (!S_ISREG(seen.st_mode)) return refuse(path, std::string("is ") + kind_name(seen.st_mode));
    const UniqueFd file = open_beneath(directory, name.c_str(), O_RDONLY);
    if (!file || (seen.st_mode & 0400) == 0) return refuse(path, "cannot be read");
    return read(file.get(), path);
  }

  bool read(int fd, const std::string& path) {
    struct stat seen {};
    if (::fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode)) return refuse(path, "cannot be read");
    if (seen.st_nlink != 1) return refuse(path, "has more than one hard link");
    if (files_.size() == caps_.files_max) {
      return refuse(path,
                    "is one file more than the " + std::to_string(caps_.files_max) + " allowed");
    }
    const auto size = static_cast<std::uint64_t>(seen.st_size);
    if (size > caps_.bytes_max - bytes_) {
      return refuse(
          path, "takes the outputs over the " + std::to_string(caps_.bytes_max) + " bytes allowed");
    }
    OutputFile file{path, (seen.st_mode & 0100) != 0, size, {}, Bytes(size)};
    for (std::size_t done = 0; done < size;) {
      const ssize_t count = ::read(fd, file.content.data() + done, size - done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return refuse(path, "cannot be read");
      done += static_cast<std::size_t>(count);
    }
    bytes_ += size;
    file.sha256 = sha256(file.content);
    files_.push_back(std::move(file));
    return true;
  }

  OutputCaps caps_;
  std::vector<OutputFile> files_;
  std::uint64_t bytes_ = 0;
  std::uint64_t directories_ = 0;
  std::string refused_;
};

}  // namespace

CollectedOutputs collect_outputs(int directory, const OutputCaps& caps) {
  return Collector(caps).collect(directory);
}

}  // namespace bourse::provider
