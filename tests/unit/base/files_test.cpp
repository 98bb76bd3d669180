// SPDX-License-Identifier: Apache-2.0
//
// Goal: a file is replaced whole or not at all, a secret is read only when it is private, and
// nothing is left behind. Method: real files in a directory of the test's own.
#include "base/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace bourse {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bourse-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }

  fs::path file(const char* name = "file") const { return dir_ / name; }
  std::string text(const fs::path& path) const {
    return std::string(as_text(read_file(path, 1 << 20).value()));
  }
  static unsigned mode_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
  std::ptrdiff_t names_in_dir() const {
    return std::distance(fs::directory_iterator(dir_), fs::directory_iterator());
  }

  fs::path dir_;
};

TEST_F(Files, WritesAndReplacesWithTheModeAndLeavesNothingElse) {
  ASSERT_TRUE(write_file_atomic(file(), as_bytes("first"), 0600).has_value());
  EXPECT_EQ(mode_of(file()), 0600U);
  ASSERT_TRUE(write_file_atomic(file(), as_bytes("second"), 0644).has_value());
  EXPECT_EQ(text(file()), "second");
  EXPECT_EQ(mode_of(file()), 0644U);
  ASSERT_TRUE(write_file_atomic(file(), {}, 0600).has_value());
  EXPECT_EQ(text(file()), "");
  EXPECT_EQ(names_in_dir(), 1);
}

TEST_F(Files, WritesBeyondOneBuffer) {
  Bytes data(1'000'003);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7);
  ASSERT_TRUE(write_file_atomic(file(), data, 0600).has_value());
  EXPECT_EQ(read_file(file(), data.size()).value(), data);
}

TEST_F(Files, ReplacesASymbolicLinkAndNotWhatItNames) {
  ASSERT_TRUE(write_file_atomic(file("target"), as_bytes("precious"), 0600).has_value());
  fs::create_symlink(file("target"), file());
  ASSERT_TRUE(write_file_atomic(file(), as_bytes("new"), 0600).has_value());
  EXPECT_EQ(text(file("target")), "precious");
  EXPECT_FALSE(fs::is_symlink(file()));
}

TEST_F(Files, CreateNeverReplaces) {
  ASSERT_TRUE(create_file_atomic(file(), as_bytes("key"), kPrivateMode).has_value());
  EXPECT_EQ(mode_of(file()), kPrivateMode);
  EXPECT_EQ(create_file_atomic(file(), as_bytes("other"), 0600).error().kind, "file_exists");
  EXPECT_EQ(text(file()), "key");
  EXPECT_EQ(names_in_dir(), 1);
  fs::create_symlink(file("nowhere"), file("link"));
  EXPECT_EQ(create_file_atomic(file("link"), as_bytes("x"), 0600).error().kind, "file_exists");
  EXPECT_FALSE(fs::exists(file("nowhere")));
}

TEST_F(Files, AFailedWriteKeepsTheOldFile) {
  fs::create_directory(file("busy"));
  std::ofstream(file("busy") / "child") << "kept";
  EXPECT_EQ(write_file_atomic(file("busy"), as_bytes("x"), 0600).error().kind, "file_error");
  EXPECT_EQ(text(file("busy") / "child"), "kept");
  EXPECT_EQ(write_file_atomic(file("none") / "x", {}, 0600).error().kind, "file_not_found");
  EXPECT_EQ(names_in_dir(), 1);
}

TEST_F(Files, ARelativePathIsWrittenInTheWorkingDirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(dir_);
  EXPECT_TRUE(write_file_atomic("plain", as_bytes("here"), 0600).has_value());
  fs::current_path(before);
  EXPECT_EQ(text(file("plain")), "here");
}

TEST_F(Files, ReadIsBounded) {
  ASSERT_TRUE(write_file_atomic(file(), as_bytes("12345"), 0600).has_value());
  EXPECT_EQ(read_file(file(), 4).error().kind, "file_too_large");
  EXPECT_EQ(read_file(file(), 5).value().size(), 5U);
  EXPECT_EQ(read_file(file(), 6).value().size(), 5U);
  EXPECT_EQ(read_file("/dev/zero", 1000).error().kind, "file_too_large");
  EXPECT_EQ(read_file(file("none"), 5).error().kind, "file_not_found");
  EXPECT_EQ(read_file(dir_, 5).error().kind, "file_error");
  EXPECT_NE(read_file(file("none"), 5).error().message.find(file("none").string()),
            std::string::npos);
}

TEST_F(Files, APrivateFileIsReadOnlyWhenItIsPrivate) {
  ASSERT_TRUE(write_file_atomic(file(), as_bytes("secret"), kPrivateMode).has_value());
  EXPECT_EQ(as_text(read_private_file(file(), 100).value()), "secret");
  EXPECT_EQ(read_private_file(file(), 5).error().kind, "file_too_large");
  for (const unsigned bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
    ASSERT_EQ(::chmod(file().c_str(), 0600 | bit), 0);
    EXPECT_EQ(read_private_file(file(), 100).error().kind, "file_not_private") << bit;
  }
  ASSERT_EQ(::chmod(file().c_str(), 0400), 0);
  EXPECT_TRUE(read_private_file(file(), 100).has_value());

  fs::create_symlink(file(), file("link"));
  EXPECT_EQ(read_private_file(file("link"), 100).error().kind, "file_not_private");
  ASSERT_EQ(::mkfifo(file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_private_file(file("pipe"), 100).error().kind, "file_not_private");
  EXPECT_EQ(read_private_file(dir_, 100).error().kind, "file_not_private");
  EXPECT_EQ(read_private_file(file("none"), 100).error().kind, "file_not_found");
}

TEST_F(Files, FsyncDir) {
  EXPECT_TRUE(fsync_dir(dir_).has_value());
  EXPECT_EQ(fsync_dir(file("none")).error().kind, "file_not_found");
  ASSERT_TRUE(write_file_atomic(file(), {}, 0600).has_value());
  EXPECT_EQ(fsync_dir(file()).error().kind, "file_error");
}

TEST_F(Files, UniqueFdClosesOnceAndMoves) {
  ASSERT_TRUE(write_file_atomic(file(), {}, 0600).has_value());
  int number = -1;
  {
    UniqueFd first(::open(file().c_str(), O_RDONLY | O_CLOEXEC));
    number = first.get();
    ASSERT_TRUE(static_cast<bool>(first));
    const UniqueFd second(std::move(first));
    EXPECT_EQ(second.get(), number);
    EXPECT_NE(::fcntl(number, F_GETFD), -1);
  }
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace bourse
