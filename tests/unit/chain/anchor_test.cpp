// SPDX-License-Identifier: Apache-2.0
//
// Goal: the anchor gives back the newest point that was written, and whatever happens to the slot
// being written, the one before it. Method: every byte of a slot damaged in turn.
#include "chain/anchor.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::chain {
namespace {

AnchorPoint point(std::uint64_t height) {
  return {Height(height), sha256(as_bytes(std::to_string(height)))};
}

class AnchorTest : public testing::Test {
 protected:
  test::TempDir dir_;
  const std::filesystem::path path_ = dir_ / "anchor";

  Bytes contents() const { return read_file(path_, 1 << 16).value(); }
  void replace(const Bytes& contents) { write_file_atomic(path_, contents, 0644).value(); }
  std::optional<AnchorPoint> reopened() const { return Anchor::open(path_).value().point(); }
};

TEST_F(AnchorTest, IsEmptyBeforeTheFirstWrite) {
  EXPECT_FALSE(reopened());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(AnchorTest, RemembersTheNewestAcrossOpens) {
  for (std::uint64_t height = 1; height <= 9; ++height) {
    Anchor anchor = Anchor::open(path_).value();
    ASSERT_TRUE(anchor.write(point(height)));
    EXPECT_EQ(anchor.point(), point(height));
    EXPECT_EQ(reopened(), point(height));
  }
  Anchor anchor = Anchor::open(path_).value();
  for (std::uint64_t height = 10; height <= 13; ++height) {
    ASSERT_TRUE(anchor.write(point(height)));
    EXPECT_EQ(reopened(), point(height));
  }
}

TEST_F(AnchorTest, ADamagedSlotLeavesTheOther) {
  Anchor anchor = Anchor::open(path_).value();
  anchor.write(point(1)).value();
  anchor.write(point(2)).value();
  const Bytes good = contents();
  for (std::size_t at = 0; at < 80; ++at) {
    Bytes damaged = good;
    damaged[at] ^= 0x10;
    replace(damaged);
    EXPECT_EQ(reopened(), point(2)) << at;
    damaged = good;
    damaged[4096 + at] ^= 0x10;
    replace(damaged);
    EXPECT_EQ(reopened(), point(1)) << at;
  }
}

TEST_F(AnchorTest, TheDamagedSlotIsWrittenNext) {
  {
    Anchor anchor = Anchor::open(path_).value();
    anchor.write(point(1)).value();
    anchor.write(point(2)).value();
  }
  Bytes damaged = contents();
  damaged[4096] ^= 1;
  replace(damaged);
  Anchor anchor = Anchor::open(path_).value();
  anchor.write(point(3)).value();
  EXPECT_EQ(reopened(), point(3));
  damaged = contents();
  damaged[4096] ^= 1;
  replace(damaged);
  EXPECT_EQ(reopened(), point(1));
}

TEST_F(AnchorTest, BothDamagedOrCutOffIsRefused) {
  Anchor::open(path_).value().write(point(1)).value();
  const Bytes good = contents();
  for (const std::size_t length : {std::size_t{0}, std::size_t{79}}) {
    replace(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)));
    const auto opened = Anchor::open(path_);
    ASSERT_TRUE(opened.has_error());
    EXPECT_EQ(opened.error().kind, "anchor_corrupt");
  }
  replace(Bytes(good.begin(), good.begin() + 80));
  EXPECT_EQ(reopened(), point(1));
}

TEST_F(AnchorTest, ADirectoryThatIsMissingIsAnError) {
  Anchor anchor = Anchor::open(dir_ / "missing/anchor").value();
  const auto written = anchor.write(point(1));
  ASSERT_TRUE(written.has_error());
  EXPECT_FALSE(anchor.point());
}

}  // namespace
}  // namespace bourse::chain
