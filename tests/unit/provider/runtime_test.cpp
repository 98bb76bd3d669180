// SPDX-License-Identifier: Apache-2.0
//
// Goal: the store holds whole runtimes or none, each under its digest. Method: tar files of small
// trees; building from real packages needs a network and is the system tests' part.
#include "provider/runtime.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <fstream>

#include "base/files.hpp"
#include "provider/runtime_tree.hpp"
#include "provider/subprocess.hpp"
#include "tests/support/small_tree.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::provider {
namespace {

namespace fs = std::filesystem;

class RuntimeTest : public ::testing::Test {
 protected:
  fs::path make_tar(const std::string& stamp) {
    const fs::path tree = test::make_tree(dir_.path(), stamp);
    const fs::path tar = tree.string() + ".tar";
    run_command({"tar", "--create", "--file", tar, "--directory", tree, "."}).value();
    return tar;
  }

  test::TempDir dir_;
  fs::path home_ = dir_ / "home";
  Runtime wanted_{"tiny", "bookworm", {"tool"}, {}};
};

TEST_F(RuntimeTest, IsInstalledFoundAndListed) {
  const auto added = install_runtime(home_, wanted_, make_tar("one"));
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(tree_digest(runtime_rootfs(home_, added->digest)).value(), added->digest);
  const auto found = find_runtime(home_, added->digest);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->name, "tiny");
  EXPECT_EQ(found->packages, wanted_.packages);
  EXPECT_EQ(find_runtime(home_, Hash{}).error().kind, "runtime_not_found");
  // The same tree again, under another name: one runtime, the newer name.
  wanted_.name = "tiny2";
  const auto again = install_runtime(home_, wanted_, make_tar("two"));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->digest, added->digest);
  const auto all = list_runtimes(home_);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "tiny2");
}

TEST_F(RuntimeTest, LeavesNothingUnfinished) {
  std::ofstream(dir_ / "bad.tar") << std::string(2000, 'x');
  EXPECT_EQ(install_runtime(home_, wanted_, dir_ / "bad.tar").error().kind, "command_failed");
  // What a crash in the middle leaves is not listed, and goes with the next attempt.
  fs::create_directories(home_ / "runtimes/unfinished/rootfs/junk");
  EXPECT_TRUE(list_runtimes(home_).empty());
  const auto added = install_runtime(home_, wanted_, make_tar("one"));
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_FALSE(fs::exists(runtime_rootfs(home_, added->digest) / "junk"));
  EXPECT_FALSE(fs::exists(home_ / "runtimes/unfinished"));
}

TEST_F(RuntimeTest, AddsOneAtATime) {
  fs::create_directories(home_ / "runtimes");
  const UniqueFd lock(::open((home_ / "runtimes/lock").c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  EXPECT_EQ(install_runtime(home_, wanted_, "x.tar").error().kind, "runtime_busy");
}

TEST_F(RuntimeTest, RefusesNamesThatCouldBeOptions) {
  const auto kind = [&](Runtime wanted) {
    auto result = add_runtime(home_, std::move(wanted));
    return result ? "accepted" : result.error().kind;
  };
  EXPECT_EQ(kind({"--x", "bookworm", {}, {}}), "bad_runtime");
  EXPECT_EQ(kind({"", "bookworm", {}, {}}), "bad_runtime");
  EXPECT_EQ(kind({"ok", "-suite", {}, {}}), "bad_runtime");
  EXPECT_EQ(kind({"ok", "../x", {}, {}}), "bad_runtime");
  EXPECT_EQ(kind({"ok", "bookworm", {"good", "--evil"}, {}}), "bad_runtime");
  EXPECT_EQ(kind({"ok", "bookworm", {"a,b"}, {}}), "bad_runtime");
  EXPECT_EQ(kind({"ok", "bookworm", {"?essential"}, {}}), "bad_runtime");
}

}  // namespace
}  // namespace bourse::provider
