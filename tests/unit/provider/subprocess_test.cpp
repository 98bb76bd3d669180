// SPDX-License-Identifier: Apache-2.0
//
// Goal: a tool's lines, failure and absence are reported. Method: shells that do what tools do.
#include "provider/subprocess.hpp"

#include <gtest/gtest.h>

namespace bourse::provider {
namespace {

TEST(Subprocess, PassesLinesAndEnvironment) {
  std::vector<std::string> lines;
  const auto result = run_command({"sh", "-c", "echo one; echo $EXTRA >&2; printf unfinished"},
                                  {"EXTRA=two"}, [&](auto line) { lines.emplace_back(line); });
  EXPECT_TRUE(result);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
}

TEST(Subprocess, ReportsFailureWithTheLastWords) {
  const auto failed = run_command({"sh", "-c", "seq 10000; echo no room >&2; exit 3"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, "command_failed");
  EXPECT_TRUE(failed.error().message.ends_with("no room\n"));
  EXPECT_LT(failed.error().message.size(), 2100u);
  EXPECT_EQ(run_command({"sh", "-c", "kill -9 $$"}).error().kind, "command_failed");
}

TEST(Subprocess, KnowsWhatIsNotThere) {
  EXPECT_TRUE(command_exists("sh"));
  EXPECT_TRUE(command_exists("mkfs.ext4")) << "It is in sbin.";
  EXPECT_FALSE(command_exists("no-such-tool"));
  EXPECT_EQ(run_command({"no-such-tool"}).error().kind, "command_not_found");
  EXPECT_EQ(run_command({"/no/such/tool"}).error().kind, "command_failed");
}

}  // namespace
}  // namespace bourse::provider
