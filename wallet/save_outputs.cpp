// SPDX-License-Identifier: Apache-2.0
#include "wallet/save_outputs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/files.hpp"

namespace bourse::wallet {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
/// O_EXCL: neither a link nor a file that was there is ever written to.
constexpr int kFileFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

Error failed(const std::string& path) {
  return Error{"output_failed",
               "cannot write " + path + ": " + std::generic_category().message(errno)};
}

Result<UniqueFd> open_directory(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0777) != 0 && errno != EEXIST) return failed(name);
  UniqueFd fd(::openat(parent, name.c_str(), kDirectoryFlags));
  if (!fd) return failed(name);
  return fd;
}

Result<void> write_at(int directory, const std::string& name, ByteView content, mode_t mode) {
  const UniqueFd fd(::openat(directory, name.c_str(), kFileFlags, mode));
  if (!fd) return failed(name);
  while (!content.empty()) {
    const ssize_t count = ::write(fd.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(name);
    content = content.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> save_file(int root, const market::ResultFile& file) {
  if (!market::is_safe_path(file.path)) {
    return Error{"output_unsafe", "an output's path leads out of its directory"};
  }
  UniqueFd inner;
  int directory = root;
  std::string_view rest = file.path;
  for (auto slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
    TRY_ASSIGN(inner, open_directory(directory, std::string(rest.substr(0, slash))));
    directory = inner.get();
    rest.remove_prefix(slash + 1);
  }
  return write_at(directory, std::string(rest), file.content, file.executable ? 0777 : 0666);
}

}  // namespace

Result<void> prepare_output_dir(const std::filesystem::path& directory) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (!failure && !std::filesystem::is_empty(directory, failure)) {
    return Error{"output_dir_not_empty",
                 directory.string() + " is not empty; name another directory with --out"};
  }
  if (failure) {
    return Error{"output_failed", "cannot use " + directory.string() + ": " + failure.message()};
  }
  return {};
}

Result<void> save_task_outputs(const std::filesystem::path& directory, std::uint32_t task,
                               const market::ResultBundle& bundle) {
  // The user's own directory may well be a link; from there on none is followed.
  const UniqueFd base(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!base) return failed(directory.string());
  const std::string name = std::to_string(task);
  TRY(write_at(base.get(), name + ".stdout", bundle.standard_output, 0666));
  TRY(write_at(base.get(), name + ".stderr", bundle.standard_error, 0666));
  TRY_ASSIGN(const UniqueFd root, open_directory(base.get(), name));
  for (const market::ResultFile& file : bundle.files) TRY(save_file(root.get(), file));
  return {};
}

}  // namespace bourse::wallet
