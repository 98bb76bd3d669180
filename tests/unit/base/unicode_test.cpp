// SPDX-License-Identifier: Apache-2.0
//
// Goal: what looks the same is the same bytes, and what is not UTF-8 is refused.
// Method: characters of each kind of decomposition, and each kind of malformed UTF-8.
#include "base/unicode.hpp"

#include <gtest/gtest.h>

namespace bourse {
namespace {

TEST(Nfkd, Decomposes) {
  EXPECT_EQ(nfkd("").value(), "");
  EXPECT_EQ(nfkd("plain ASCII").value(), "plain ASCII");
  EXPECT_EQ(nfkd("\u00e9").value(), "e\u0301");                    // canonical
  EXPECT_EQ(nfkd("\ufb01").value(), "fi");                         // compatibility
  EXPECT_EQ(nfkd("\ud55c").value(), "\u1112\u1161\u11ab");         // Hangul
  EXPECT_EQ(nfkd("a\u0301\u0323").value(), "a\u0323\u0301");       // order of marks
  EXPECT_EQ(nfkd("\U0001d531\U0001f511").value(), "t\U0001f511");  // beyond the first plane
  EXPECT_EQ(nfkd(std::string_view("a\0b", 3)).value(), std::string("a\0b", 3));
}

TEST(Nfkd, RefusesMalformedText) {
  for (const char* bad :
       {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xff"}) {
    EXPECT_EQ(nfkd(bad).error().kind, "bad_utf8");
  }
}

}  // namespace
}  // namespace bourse
