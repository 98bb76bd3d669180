// SPDX-License-Identifier: Apache-2.0
#include "provider/sandbox_disk.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "provider/subprocess.hpp"

namespace bourse::provider {
namespace {

constexpr std::uint64_t kMib = std::uint64_t{1} << 20;
constexpr int kLoopAttempts = 16;
/// With the same seed everywhere, two providers list a directory in the same order.
constexpr const char* kHashSeed = "b0075e00-0000-4000-8000-000000000000";
/// A file system this close to full refuses the next ordinary write.
constexpr std::uint64_t kFullBelowBytes = 64 << 10;

Error disk_error(const std::string& what) {
  return {"disk_image_failed",
          "Cannot " + what + ": " + std::generic_category().message(errno) + "."};
}

/// Binds a free loop device to the image. Another process may take the device between the question
/// for a free one and the binding, so it asks again.
Result<std::pair<UniqueFd, std::string>> attach_loop(int image) {
  const UniqueFd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!control) return disk_error("open /dev/loop-control");
  for (int attempt = 0; attempt < kLoopAttempts; ++attempt) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return disk_error("find a free loop device");
    std::string path = "/dev/loop" + std::to_string(number);
    UniqueFd loop(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!loop) return disk_error("open " + path);
    loop_config config{};
    config.fd = static_cast<std::uint32_t>(image);
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    if (::ioctl(loop.get(), LOOP_CONFIGURE, &config) == 0) {
      return std::pair(std::move(loop), std::move(path));
    }
    if (errno != EBUSY) return disk_error("set up " + path);
  }
  return disk_error("get a loop device");
}

}  // namespace

Result<OutArea> out_area_on_disk(const std::filesystem::path& scratch_dir, std::uint64_t mib,
                                 uid_t user) {
  const std::string path = scratch_dir / "out.img";
  const UniqueFd image(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  // What ext4 takes for itself is added, so that the job gets what was sold.
  const std::uint64_t size = mib * kMib + mib * kMib / 32 + kMib;
  if (!image || ::ftruncate(image.get(), static_cast<off_t>(size)) != 0) {
    return disk_error("make the disk image " + path);
  }
  const std::string owner = std::to_string(user) + ":" + std::to_string(user);
  const auto made = run_command(
      {"mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", "-O", "^has_journal,^resize_inode", "-E",
       "lazy_itable_init=1,nodiscard,root_owner=" + owner + ",hash_seed=" + kHashSeed, path});
  ::unlink(path.c_str());
  TRY(made);
  TRY_ASSIGN(auto loop, attach_loop(image.get()));
  // Nothing in the image outlives the run, so it waits for no disk and initialises nothing.
  return OutArea{"ext4",
                 {{"source", loop.second}, {"barrier", "0"}, {"noinit_itable", ""}},
                 std::move(loop.first)};
}

OutArea out_area_in_memory(std::uint64_t mib) {
  return {"tmpfs", {{"size", std::to_string(mib * kMib)}, {"mode", "0777"}}, UniqueFd()};
}

bool is_full(int directory) {
  struct statfs seen {};
  if (::fstatfs(directory, &seen) != 0) return false;
  const auto free =
      static_cast<std::uint64_t>(seen.f_bavail) * static_cast<std::uint64_t>(seen.f_bsize);
  return free < kFullBelowBytes || (seen.f_files > 0 && seen.f_ffree == 0);
}

}  // namespace bourse::provider
