// SPDX-License-Identifier: Apache-2.0
//
// Goal: equal contents give equal digests, and nothing that a job can see is left out. Method:
// small trees that differ in one thing.
#include "provider/runtime_tree.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <set>

#include "base/files.hpp"
#include "tests/support/small_tree.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::provider {
namespace {

namespace fs = std::filesystem;

class RuntimeTreeTest : public ::testing::Test {
 protected:
  fs::path make_tree(const std::string& stamp) { return test::make_tree(dir_.path(), stamp); }
  Hash digest_of(const fs::path& tree) {
    canonicalise_tree(tree).value();
    return tree_digest(tree).value();
  }

  test::TempDir dir_;
};

TEST_F(RuntimeTreeTest, DigestIsOfTheContentsAlone) {
  const Hash first = digest_of(make_tree("one"));
  EXPECT_EQ(digest_of(make_tree("two")), first);
}

TEST_F(RuntimeTreeTest, DigestSeesEveryChange) {
  const Hash first = digest_of(make_tree("one"));
  std::set<Hash> seen = {first};
  int step = 0;
  const auto expect_new = [&](const std::function<void(const fs::path&)>& change) {
    const fs::path tree = make_tree("change-" + std::to_string(step++));
    change(tree);
    EXPECT_TRUE(seen.insert(digest_of(tree)).second) << "change " << step;
  };
  expect_new([](const fs::path& t) { std::ofstream(t / "usr/bin/tool") << "#!/bin/sh \n"; });
  expect_new([](const fs::path& t) {
    fs::permissions(t / "usr/bin/tool", fs::perms::owner_read | fs::perms::owner_write);
  });
  expect_new([](const fs::path& t) { fs::rename(t / "usr/bin/tool", t / "usr/bin/tools"); });
  expect_new([](const fs::path& t) { fs::create_directory(t / "usr/empty"); });
  expect_new([](const fs::path& t) { std::ofstream(t / "usr/empty"); });
  expect_new([](const fs::path& t) { fs::create_symlink("x", t / "usr/empty"); });
  expect_new([](const fs::path& t) { fs::create_symlink("tool", t / "usr/bin/link"); });
  expect_new([](const fs::path& t) { fs::create_symlink("/tool", t / "usr/bin/link"); });
}

TEST_F(RuntimeTreeTest, TreeIsReadyForTheSandbox) {
  const fs::path tree = make_tree("one");
  ::mkfifo((tree / "usr/fifo").c_str(), 0600);
  digest_of(tree);
  for (const char* name : {"in", "out", "tmp", "proc", "dev"}) {
    EXPECT_TRUE(fs::is_directory(tree / name)) << name;
  }
  struct stat seen {};
  ASSERT_EQ(::stat((tree / "usr/bin/tool").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 07777, 0755u) << "No setuid bit, and readable by the job.";
  EXPECT_EQ(seen.st_mtime, kSourceDateEpoch);
  EXPECT_FALSE(fs::exists(tree / "etc/hostname"));
  EXPECT_FALSE(fs::exists(tree / "usr/fifo"));
  EXPECT_EQ(as_text(read_file(tree / "etc/passwd", 1000).value()),
            "root:x:0:0::/root:/bin/sh\njob:x:1000:1000::/tmp:/bin/sh\n");
}

}  // namespace
}  // namespace bourse::provider
