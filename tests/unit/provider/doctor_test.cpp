// SPDX-License-Identifier: Apache-2.0
//
// Goal: the doctor tells the truth about this machine and leaves nothing behind. Method: compare it
// with what the sandbox itself finds, and give it a home that cannot be used.
#include "provider/doctor.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "provider/sandbox.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::provider {
namespace {

const Check* find(const std::vector<Check>& checks, std::string_view name) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& check) { return check.name == name; });
  return found == checks.end() ? nullptr : &*found;
}

TEST(Doctor, AgreesWithTheSandbox) {
  const test::TempDir home;
  const auto checks = examine_machine(home.path());
  const auto sandbox = Sandbox::detect({.instance = "doctortest", .work_dir = home.path()});
  ASSERT_TRUE(sandbox) << sandbox.error().message;
  EXPECT_TRUE(can_run_jobs(checks));
  for (const Check& check : checks) EXPECT_TRUE(check.sentence.ends_with('.')) << check.sentence;
  const auto expect = [&](const char* name, bool good) {
    const Check* check = find(checks, name);
    ASSERT_NE(check, nullptr) << name;
    EXPECT_EQ(check->health, good ? Health::ok : Health::warn) << check->sentence;
  };
  expect("sandbox", true);
  expect("memory", sandbox->cgroups().has_memory());
  expect("processes", sandbox->cgroups().has_pids());
  expect("processor", sandbox->cgroups().has_cpu());
  expect("disk", sandbox->disk_images());
  expect("users", sandbox->separate_users());
  expect("runtimes", false);
  EXPECT_TRUE(std::filesystem::is_empty(home.path()));
}

TEST(Doctor, FailsWithoutAHome) {
  const auto checks = examine_machine("/proc/no-such-home");
  EXPECT_FALSE(can_run_jobs(checks));
  EXPECT_EQ(find(checks, "sandbox")->health, Health::fail);
  EXPECT_EQ(find(checks, "space")->health, Health::fail);
}

}  // namespace
}  // namespace bourse::provider
