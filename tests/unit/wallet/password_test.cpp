// SPDX-License-Identifier: Apache-2.0
//
// Goal: a password comes from a private file's first line, and a weak one makes no wallet.
// Method: files at the limit and around it, with modes that let others read them. What a terminal
// shows is tested here too: text of others must not command it.
#include "wallet/password.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {
namespace {

class PasswordTest : public ::testing::Test {
 protected:
  std::string file(const std::string& text, mode_t mode = 0600) {
    const std::string path = dir_ / "password";
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  std::string chosen_kind(const std::string& text) {
    const auto password = choose_password(file(text));
    return password ? "" : password.error().kind;
  }
  test::TempDir dir_;
};

TEST_F(PasswordTest, TheFirstLineCounts) {
  EXPECT_EQ(read_password(file("correct horse")).value(), "correct horse");
  EXPECT_EQ(read_password(file("correct horse\nsecond\n")).value(), "correct horse");
  EXPECT_EQ(read_password(file("correct horse\r\n")).value(), "correct horse");
  EXPECT_EQ(read_password(file("")).value(), "");
}

TEST_F(PasswordTest, AFileThatOthersCanReadIsRefused) {
  EXPECT_EQ(read_password(file("correct horse", 0640)).error().kind, "file_not_private");
  EXPECT_EQ(read_password(file("correct horse", 0604)).error().kind, "file_not_private");
  EXPECT_EQ(read_password(dir_ / "none").error().kind, "file_not_found");
  EXPECT_EQ(read_password(file(std::string(4097, 'a'))).error().kind, "file_too_large");
}

TEST_F(PasswordTest, ANewOneHasTenCharacters) {
  EXPECT_EQ(chosen_kind("123456789"), "password_too_short");
  EXPECT_EQ(chosen_kind("1234567890"), "");
  // Ten characters are meant, not ten bytes.
  EXPECT_EQ(chosen_kind("äöüäöüäöü"), "password_too_short");
  EXPECT_EQ(chosen_kind("äöüäöüäöüä"), "");
}

TEST(Terminal, TextOfOthersCannotCommandIt) {
  EXPECT_EQ(printable("plain\ttext\n"), "plain\ttext\n");
  EXPECT_EQ(printable("\x1b[2Jhidden\r"), "?[2Jhidden?");
  EXPECT_EQ(printable(std::string_view("a\0b\x7f", 4)), "a?b?");
  EXPECT_EQ(printable("\u009b1m"), "?1m");
  EXPECT_EQ(printable("naïve …"), "naïve …");
  EXPECT_EQ(printable("\xff\xc2"), "??");
}

TEST(Terminal, TableAlignsColumns) {
  EXPECT_EQ(table({{"a", "bb"}, {"ccc", "d"}}), "a    bb\nccc  d\n");
}

}  // namespace
}  // namespace bourse::wallet
