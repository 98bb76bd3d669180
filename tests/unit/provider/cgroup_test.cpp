// SPDX-License-Identifier: Apache-2.0
//
// Goal: control groups are found and set in every layout, v2, v1 and both. Method: the texts of
// layouts that this machine does not have, and real groups where it has any.
#include "provider/cgroup.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bourse::provider {
namespace {

namespace fs = std::filesystem;
using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr CgroupLimits kLimits{64 << 20, 33, 1500};

TEST(CgroupMounts, FindsV2) {
  const auto mounts = parse_cgroup_mounts(
      "24 1 0:22 / /proc rw - proc proc rw\n"
      "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
      "0::/system.slice/bourse-provider.service\n");
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_TRUE(mounts[0].v2);
  EXPECT_EQ(mounts[0].directory, "/sys/fs/cgroup");
  EXPECT_EQ(mounts[0].own_path, "/system.slice/bourse-provider.service");
}

TEST(CgroupMounts, FindsV1AndBoth) {
  const auto mounts = parse_cgroup_mounts(
      "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      "4:memory:/user.slice\n2:cpu,cpuacct:/one\n0::/two\n");
  ASSERT_EQ(mounts.size(), 3u);
  EXPECT_EQ(mounts[0].own_path, "/one");
  EXPECT_EQ(mounts[1].own_path, "/user.slice");
  EXPECT_FALSE(mounts[1].v2);
  EXPECT_TRUE(mounts[2].v2);
  EXPECT_EQ(mounts[2].own_path, "/two");
}

TEST(CgroupMounts, SkipsWhatItDoesNotKnow) {
  EXPECT_TRUE(parse_cgroup_mounts("", "").empty());
  EXPECT_TRUE(parse_cgroup_mounts("garbage\n - cgroup\n1 2 3 4 5 -\n", "x\n::\n").empty());
}

TEST(CgroupSettings, AreThoseOfTheGeneration) {
  EXPECT_EQ(cgroup_settings({"/c", true, true, true, true}, kLimits),
            (Settings{{"memory.max", "67108864"},
                      {"memory.swap.max", "0"},
                      {"memory.oom.group", "1"},
                      {"pids.max", "33"},
                      {"cpu.max", "150000 100000"}}));
  EXPECT_EQ(cgroup_settings({"/m", false, true, false, false}, kLimits),
            (Settings{{"memory.limit_in_bytes", "67108864"},
                      {"memory.memsw.limit_in_bytes", "67108864"}}));
  EXPECT_EQ(cgroup_settings({"/p", false, false, true, false}, kLimits),
            (Settings{{"pids.max", "33"}}));
  // The kernel refuses a quota under one millisecond.
  EXPECT_EQ(cgroup_settings({"/c", false, false, false, true}, {0, 0, 9}),
            (Settings{{"cpu.cfs_period_us", "100000"}, {"cpu.cfs_quota_us", "1000"}}));
}

TEST(CgroupCounter, ReadsTheNumberOfItsKeyOnly) {
  const char* text = "oom 3\noom_kill 2\noom_group_kill 7\nmax 18446744073709551615\n";
  EXPECT_EQ(counter_in(text, "oom_kill"), 2u);
  EXPECT_EQ(counter_in(text, "oom"), 3u);
  EXPECT_EQ(counter_in(text, "max"), UINT64_MAX);
  EXPECT_EQ(counter_in(text, "kill"), 0u);
  EXPECT_EQ(counter_in("", "oom_kill"), 0u);
}

class CgroupsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (groups_.parents().empty()) GTEST_SKIP() << "No writable control groups here.";
  }
  fs::path directory(const CgroupParent& parent, const std::string& name) const {
    return parent.directory / ("bourse." + instance_ + "." + name);
  }
  pid_t sleeper() const {
    const pid_t child = ::fork();
    if (child == 0) {
      // A group that is not removed must fail the test, not hang it.
      ::alarm(20);
      ::pause();
      ::_exit(0);
    }
    return child;
  }

  std::string instance_ = "cgtest" + std::to_string(::getpid());
  Cgroups groups_ = Cgroups::detect(instance_);
};

TEST_F(CgroupsTest, AreRemovedWithTheObjectAndTheirProcesses) {
  const pid_t child = sleeper();
  {
    auto group = groups_.create("a", kLimits);
    ASSERT_TRUE(group) << group.error().message;
    ASSERT_TRUE(group->add(child));
    for (const auto& parent : groups_.parents()) EXPECT_TRUE(fs::exists(directory(parent, "a")));
    EXPECT_FALSE(groups_.create("a", kLimits)) << "A name is used once.";
    EXPECT_EQ(group->oom_kills(), 0u);
    EXPECT_EQ(group->forks_refused(), 0u);
    EXPECT_FALSE(group->add(1 << 30)) << "There is no such process.";
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  for (const auto& parent : groups_.parents()) EXPECT_FALSE(fs::exists(directory(parent, "a")));
}

TEST_F(CgroupsTest, SweepTakesItsOwnInstanceOnly) {
  const auto other = Cgroups::detect(instance_ + "other");
  const auto kept = other.create("x", kLimits);
  ASSERT_TRUE(kept);
  const auto& parent = groups_.parents().front();
  fs::create_directory(directory(parent, "stale"));
  groups_.sweep();
  EXPECT_FALSE(fs::exists(directory(parent, "stale")));
  EXPECT_TRUE(fs::exists(parent.directory / ("bourse." + instance_ + "other.x")));
}

}  // namespace
}  // namespace bourse::provider
