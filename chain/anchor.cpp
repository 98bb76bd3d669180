// SPDX-License-Identifier: Apache-2.0
#include "chain/anchor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/crypto.hpp"

namespace bourse::chain {
namespace {

// A slot is the magic, the height (big-endian), the hash, and the SHA-256 of these. The slots lie a
// page apart, so that no torn sector or page hits both.
constexpr std::string_view kMagic = "BRSANCH1";
constexpr std::size_t kHeightAt = 8;
constexpr std::size_t kHashAt = 16;
constexpr std::size_t kChecksumAt = 48;
constexpr std::size_t kSlotBytes = 80;
constexpr std::size_t kSlotDistance = 4096;
constexpr std::size_t kFileBytes = kSlotDistance + kSlotBytes;

using Slot = std::array<std::uint8_t, kSlotBytes>;

Slot make_slot(const AnchorPoint& point) {
  Slot slot{};
  std::copy(kMagic.begin(), kMagic.end(), slot.begin());
  for (std::size_t i = 0; i < 8; ++i) {
    slot[kHeightAt + i] = static_cast<std::uint8_t>(point.height.value() >> (56 - 8 * i));
  }
  std::copy_n(point.hash.data(), 32, slot.data() + kHashAt);
  const Hash checksum = sha256(ByteView(slot).first(kChecksumAt));
  std::copy_n(checksum.data(), 32, slot.data() + kChecksumAt);
  return slot;
}

std::optional<AnchorPoint> parse_slot(ByteView slot) {
  std::uint64_t height = 0;
  for (std::size_t i = 0; i < 8; ++i) height = height << 8 | slot[kHeightAt + i];
  const AnchorPoint point{Height(height), *Hash::from(slot.subspan(kHashAt, 32))};
  const Slot expected = make_slot(point);
  if (!std::equal(slot.begin(), slot.end(), expected.begin(), expected.end())) return std::nullopt;
  return point;
}

Error anchor_error(const std::filesystem::path& path) {
  return {"file_error", "Cannot write the anchor " + path.string() + ": " +
                            std::generic_category().message(errno) + "."};
}

}  // namespace

Result<Anchor> Anchor::open(const std::filesystem::path& path) {
  Anchor anchor(path);
  auto contents = read_file(path, kFileBytes);
  if (contents.has_error() && contents.error().kind == "file_not_found") return anchor;
  if (contents.has_error()) return contents.error();
  contents->resize(kFileBytes);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto point = parse_slot(ByteView(*contents).subspan(i * kSlotDistance, kSlotBytes));
    if (point && (!anchor.point_ || point->height > anchor.point_->height)) {
      anchor.point_ = point;
      anchor.next_slot_ = 1 - i;
    }
  }
  if (!anchor.point_) {
    return Error{"anchor_corrupt",
                 "Both slots of the anchor " + path.string() +
                     " are damaged, so nobody can tell whether the database is complete. Restore "
                     "the file, or delete it if you know that the database is."};
  }
  return anchor;
}

Result<void> Anchor::write(const AnchorPoint& point) {
  if (!point_) {
    TRY(create(point));
  } else {
    if (!fd_) fd_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd_) return anchor_error(path_);
    const Slot slot = make_slot(point);
    const auto offset = static_cast<off_t>(next_slot_ * kSlotDistance);
    if (::pwrite(fd_.get(), slot.data(), slot.size(), offset) != kSlotBytes ||
        ::fdatasync(fd_.get()) != 0) {
      return anchor_error(path_);
    }
  }
  point_ = point;
  next_slot_ = 1 - next_slot_;
  return {};
}

Result<void> Anchor::create(const AnchorPoint& point) {
  const Slot slot = make_slot(point);
  Bytes contents(slot.begin(), slot.end());
  contents.resize(kFileBytes);
  return write_file_atomic(path_, contents, 0644);
}

}  // namespace bourse::chain
