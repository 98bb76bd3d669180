// SPDX-License-Identifier: Apache-2.0
//
// Goal: hex goes both ways and fixed bytes keep their length and meaning. Method: edges.
#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include "base/ids.hpp"

namespace bourse {
namespace {

static_assert(!std::is_convertible_v<JobId, OfferId>);
static_assert(!std::is_same_v<Hash, Address>);

TEST(Hex, GoesBothWays) {
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(from_hex(to_hex(all)), all);
  EXPECT_EQ(to_hex(Bytes{0x0a, 0xf0}), "0af0");
  EXPECT_EQ(from_hex("0AF0"), (Bytes{0x0a, 0xf0}));
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, RefusesWhatIsNot) {
  for (const char* bad : {"0", "0g", "g0", "0x00", " 00", "00 ", "0\xff"}) {
    EXPECT_EQ(from_hex(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(from_hex(std::string_view("0\0", 2)), std::nullopt);
}

TEST(FixedBytes, TakeExactlyTheirLength) {
  EXPECT_FALSE(JobId::from(Bytes(15)));
  EXPECT_TRUE(JobId::from(Bytes(16)));
  EXPECT_FALSE(JobId::from(Bytes(17)));
  EXPECT_TRUE(JobId{}.is_zero());
  JobId id;
  id.bytes[15] = 1;
  EXPECT_FALSE(id.is_zero());
  EXPECT_LT(JobId{}, id);
  EXPECT_EQ(JobId::from(id.bytes), id);
}

TEST(Bytes, TextAndBack) {
  EXPECT_EQ(as_text(as_bytes("abc")), "abc");
  Bytes out = {1};
  append(out, Bytes{2, 3});
  EXPECT_EQ(out, (Bytes{1, 2, 3}));
}

}  // namespace
}  // namespace bourse
