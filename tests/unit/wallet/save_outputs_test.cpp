// SPDX-License-Identifier: Apache-2.0
//
// Goal: outputs land below their directory and nowhere else, whatever a hostile result or somebody
// with access to the directory tries.
// Method: an ordinary bundle read back, then every way out that is known: absolute and dotted
// paths, links in the way, files that were there, a file that is also a directory.
#include "wallet/save_outputs.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/support/temp_dir.hpp"

namespace bourse::wallet {
namespace {

namespace fs = std::filesystem;

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

market::ResultBundle bundle(std::vector<market::ResultFile> files) {
  market::ResultBundle out;
  out.files = std::move(files);
  out.standard_output = bytes("out");
  out.standard_error = bytes("err");
  return out;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string save_kind(const fs::path& dir, std::vector<market::ResultFile> files) {
  const auto saved = save_task_outputs(dir, 3, bundle(std::move(files)));
  return saved ? "" : saved.error().kind;
}

TEST(SaveOutputs, FilesAndStreams) {
  const test::TempDir dir;
  const auto out = dir / "new" / "deep";
  ASSERT_TRUE(prepare_output_dir(out));
  EXPECT_EQ(save_kind(out, {{"a", true, bytes("A")},
                            {"b/c/d", false, bytes("D")},
                            {"b/c/e", false, {}},
                            {"stdout", false, bytes("mine")}}),
            "");
  EXPECT_EQ(read(out / "3/a"), "A");
  EXPECT_EQ(read(out / "3/b/c/d"), "D");
  EXPECT_TRUE(fs::exists(out / "3/b/c/e"));
  EXPECT_EQ(read(out / "3/stdout"), "mine");
  EXPECT_EQ(read(out / "3.stdout"), "out");
  EXPECT_EQ(read(out / "3.stderr"), "err");
  struct stat status {};
  ASSERT_EQ(::stat((out / "3/a").c_str(), &status), 0);
  EXPECT_NE(status.st_mode & S_IXUSR, 0U);
  ASSERT_EQ(::stat((out / "3/b/c/d").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & S_IXUSR, 0U);
}

TEST(SaveOutputs, PathsThatLeadOut) {
  for (const char* path : {"../evil", "/tmp/evil", "a/../../evil", "..", ".", "", "a//b", "a/./b",
                           "a/", "new\nline"}) {
    const test::TempDir dir;
    EXPECT_EQ(save_kind(dir.path(), {{path, false, bytes("x")}}), "output_unsafe") << path;
    EXPECT_FALSE(fs::exists(dir / "evil"));
    EXPECT_FALSE(fs::exists(dir.path().parent_path() / "evil"));
  }
}

TEST(SaveOutputs, LinksInTheWayAreNotFollowed) {
  const test::TempDir dir;
  const test::TempDir victim;
  fs::create_directory(dir / "3");
  fs::create_directory_symlink(victim.path(), dir / "3/sub");
  EXPECT_EQ(save_kind(dir.path(), {{"sub/file", false, bytes("x")}}), "output_failed");
  EXPECT_TRUE(fs::is_empty(victim.path()));

  fs::remove(dir / "3.stdout");
  fs::remove(dir / "3.stderr");
  fs::create_symlink(victim / "made", dir / "3/leaf");
  EXPECT_EQ(save_kind(dir.path(), {{"leaf", false, bytes("x")}}), "output_failed");

  const test::TempDir second;
  fs::create_directory_symlink(victim.path(), second / "3");
  EXPECT_EQ(save_kind(second.path(), {{"file", false, bytes("x")}}), "output_failed");
  EXPECT_TRUE(fs::is_empty(victim.path()));
}

TEST(SaveOutputs, NothingIsReplaced) {
  const test::TempDir dir;
  fs::create_directory(dir / "3");
  std::ofstream(dir / "3/a") << "precious";
  EXPECT_EQ(save_kind(dir.path(), {{"a", false, bytes("x")}}), "output_failed");
  EXPECT_EQ(read(dir / "3/a"), "precious");
}

TEST(SaveOutputs, AFileThatIsAlsoADirectory) {
  const test::TempDir dir;
  EXPECT_EQ(save_kind(dir.path(), {{"a", false, bytes("x")}, {"a/b", false, bytes("y")}}),
            "output_failed");
}

TEST(SaveOutputs, OnlyANewOrEmptyDirectoryIsTaken) {
  const test::TempDir dir;
  EXPECT_TRUE(prepare_output_dir(dir.path()));
  std::ofstream(dir / "file") << "x";
  EXPECT_EQ(prepare_output_dir(dir.path()).error().kind, "output_dir_not_empty");
  EXPECT_EQ(prepare_output_dir(dir / "file").error().kind, "output_failed");
}

}  // namespace
}  // namespace bourse::wallet
