// SPDX-License-Identifier: Apache-2.0
#include "provider/runtime.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/files.hpp"
#include "base/json_fields.hpp"
#include "provider/runtime_tree.hpp"
#include "provider/subprocess.hpp"

namespace bourse::provider {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTreeName = "rootfs";
constexpr const char* kDescriptionName = "runtime.json";
constexpr std::size_t kDescriptionBytesMax = 1 << 20;
/// No digest is spelled like this, so an unfinished runtime is never taken for one.
constexpr const char* kUnfinished = "unfinished";
constexpr const char* kUnfinishedTar = "unfinished.tar";

fs::path runtimes_dir(const fs::path& home) { return home / "runtimes"; }
fs::path runtime_dir(const fs::path& home, const Hash& digest) {
  return runtimes_dir(home) / to_hex(digest.bytes);
}

Error store_error(const fs::path& path, const std::error_code& code) {
  return {"file_error", "Cannot write to " + path.string() + ": " + code.message() + "."};
}

/// A word that cannot be an option of mmdebstrap, nor more than one package.
bool is_debian_word(const std::string& text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && plain(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return plain(c) || c == '+' || c == '-' || c == '.';
  });
}

Result<void> check_wanted(const Runtime& wanted) {
  for (const std::string& word : {wanted.name, wanted.suite}) {
    if (!is_debian_word(word)) {
      return Error{"bad_runtime", "'" + word +
                                      "' must be lower-case letters, digits, +, - and dots, and "
                                      "start with a letter or digit."};
    }
  }
  for (const std::string& package : wanted.packages) {
    if (!is_debian_word(package)) {
      return Error{"bad_runtime", "'" + package + "' is no name of a Debian package."};
    }
  }
  return {};
}

/// The package sources of this host, whichever mirror they name.
std::vector<std::string> apt_sources() {
  std::vector<std::string> files;
  std::error_code ignored;
  if (fs::file_size("/etc/apt/sources.list", ignored) > 0 && !ignored) {
    files.push_back("/etc/apt/sources.list");
  }
  for (const auto& entry : fs::directory_iterator("/etc/apt/sources.list.d", ignored)) {
    const auto extension = entry.path().extension();
    if (extension == ".list" || extension == ".sources") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The directory in which a runtime is being made. One at a time: the lock goes with the process.
struct Workshop {
  UniqueFd lock;
  fs::path directory;
  fs::path tar;
};

Result<Workshop> open_workshop(const fs::path& home) {
  Workshop shop{UniqueFd(), runtimes_dir(home) / kUnfinished, runtimes_dir(home) / kUnfinishedTar};
  std::error_code failed;
  fs::create_directories(runtimes_dir(home), failed);
  if (failed) return store_error(runtimes_dir(home), failed);
  const fs::path lock = runtimes_dir(home) / "lock";
  shop.lock = UniqueFd(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!shop.lock || ::flock(shop.lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{"runtime_busy", "Another runtime is being added; wait until it is done."};
  }
  // What is there comes from an attempt that crashed.
  fs::remove_all(shop.directory, failed);
  fs::remove(shop.tar, failed);
  fs::create_directories(shop.directory / kTreeName, failed);
  if (failed) return store_error(shop.directory, failed);
  return shop;
}

Result<Runtime> install_from(const Workshop& shop, const fs::path& home, Runtime wanted,
                             const fs::path& tar) {
  const fs::path tree = shop.directory / kTreeName;
  // The owner becomes us and devices stay out, so that this works for everyone alike.
  TRY(run_command({"tar", "--extract", "--no-same-owner", "--exclude=./dev/*", "--file", tar,
                   "--directory", tree}));
  TRY(canonicalise_tree(tree));
  TRY_ASSIGN(wanted.digest, tree_digest(tree));
  const std::string description = dump_json_pretty(to_json(wanted, JsonStyle{})) + "\n";
  const fs::path target = runtime_dir(home, wanted.digest);
  if (fs::exists(target)) {
    TRY(write_file_atomic(target / kDescriptionName, as_bytes(description), 0644));
    return wanted;
  }
  TRY(write_file_atomic(shop.directory / kDescriptionName, as_bytes(description), 0644));
  const UniqueFd directory(::open(shop.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::syncfs(directory.get()) != 0 ||
      ::rename(shop.directory.c_str(), target.c_str()) != 0) {
    return store_error(target, {errno, std::generic_category()});
  }
  TRY(fsync_dir(runtimes_dir(home)));
  return wanted;
}

/// Whatever an attempt came to, nothing unfinished stays behind.
Result<Runtime> clean_up_after(const Workshop& shop, Result<Runtime> result) {
  std::error_code ignored;
  fs::remove_all(shop.directory, ignored);
  fs::remove(shop.tar, ignored);
  return result;
}

Result<void> build_tar(const Runtime& wanted, const fs::path& tar, const Progress& progress) {
  std::vector<std::string> command = {"mmdebstrap", "--variant=essential", "--format=tar"};
  // Without root, mmdebstrap needs newuidmap (package uidmap) and a range in /etc/subuid.
  command.push_back(::geteuid() == 0 ? "--mode=root" : "--mode=unshare");
  for (const std::string& package : wanted.packages) command.push_back("--include=" + package);
  command.insert(command.end(), {wanted.suite, tar.string()});
  for (const std::string& file : apt_sources()) command.push_back(file);
  return run_command(command, {"SOURCE_DATE_EPOCH=" + std::to_string(kSourceDateEpoch)}, progress);
}

Result<Runtime> read_runtime(const fs::path& directory) {
  TRY_ASSIGN(const Bytes text, read_file(directory / kDescriptionName, kDescriptionBytesMax));
  TRY_ASSIGN(const Json json, parse_json(as_text(text)));
  Runtime runtime;
  TRY(from_json(json, runtime, JsonStyle{}));
  return runtime;
}

}  // namespace

Result<Runtime> add_runtime(const fs::path& home, Runtime wanted, const Progress& progress) {
  TRY(check_wanted(wanted));
  TRY_ASSIGN(const Workshop shop, open_workshop(home));
  const auto built = build_tar(wanted, shop.tar, progress);
  if (!built) return clean_up_after(shop, built.error());
  if (progress) progress("Unpacking and computing the digest.");
  auto installed = install_from(shop, home, std::move(wanted), shop.tar);
  return clean_up_after(shop, std::move(installed));
}

Result<Runtime> install_runtime(const fs::path& home, Runtime wanted, const fs::path& tar) {
  TRY(check_wanted(wanted));
  TRY_ASSIGN(const Workshop shop, open_workshop(home));
  auto installed = install_from(shop, home, std::move(wanted), tar);
  return clean_up_after(shop, std::move(installed));
}

std::vector<Runtime> list_runtimes(const fs::path& home) {
  std::vector<Runtime> runtimes;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(runtimes_dir(home), ignored)) {
    if (entry.path().filename() == kUnfinished) continue;
    if (auto runtime = read_runtime(entry.path())) runtimes.push_back(std::move(*runtime));
  }
  std::sort(runtimes.begin(), runtimes.end(), [](const Runtime& a, const Runtime& b) {
    return std::tie(a.name, a.digest) < std::tie(b.name, b.digest);
  });
  return runtimes;
}

Result<Runtime> find_runtime(const fs::path& home, const Hash& digest) {
  auto runtime = read_runtime(runtime_dir(home, digest));
  if (runtime && runtime->digest == digest) return runtime;
  return Error{"runtime_not_found", "There is no runtime " + to_hex(digest.bytes) +
                                        " here; see `bourse-provider runtime list`, or add it "
                                        "with `bourse-provider runtime add`."};
}

fs::path runtime_rootfs(const fs::path& home, const Hash& digest) {
  return runtime_dir(home, digest) / kTreeName;
}

}  // namespace bourse::provider
