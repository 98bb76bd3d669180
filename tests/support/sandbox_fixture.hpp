// SPDX-License-Identifier: Apache-2.0
//
// A fixture for tests of the sandbox, run with control groups and disk images, without the one, and
// without the other. It fails a test that leaves groups or files behind.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/fields.hpp"
#include "provider/sandbox.hpp"
#include "tests/support/tiny_rootfs.hpp"

namespace bourse::provider {

namespace fs = std::filesystem;

struct Mode {
  const char* name;
  bool cgroups;
  bool disk_images;
};

/// The real sandbox on a tiny root file system, in one of the ways in which it may have to work.
class SandboxTest : public ::testing::TestWithParam<Mode> {
 protected:
  void SetUp() override {
    request_.rootfs = test::tiny_rootfs();
    // Private on purpose: the user of the run must not need to walk in here.
    work_ = fs::temp_directory_path() / ("bourse-sandbox-test-" + std::to_string(::getpid()));
    request_.inputs_dir = work_ / "inputs";
    request_.scratch_dir = work_ / "scratch";
    fs::create_directories(request_.inputs_dir);
    fs::create_directories(request_.scratch_dir);
    fs::permissions(work_, fs::perms::owner_all);
    std::ofstream(request_.inputs_dir / "data") << "input";
    request_.name = "run";
    request_.limits.memory_mib = 64;
    request_.limits.disk_mib = 8;
    request_.limits.run = seconds(20);
    auto sandbox = Sandbox::detect(
        {instance(), work_, "/usr/bin/bwrap", GetParam().cgroups, GetParam().disk_images});
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    sandbox_ = std::make_unique<Sandbox>(std::move(*sandbox));
  }

  void TearDown() override {
    EXPECT_EQ(groups_left(), 0);
    if (sandbox_) {
      EXPECT_TRUE(fs::is_empty(request_.scratch_dir)) << "The disk image is still there.";
    }
    fs::remove_all(work_);
  }

  static std::string instance() { return "test" + std::to_string(::getpid()); }

  int groups_left() const {
    int count = 0;
    if (!sandbox_) return 0;
    for (const CgroupParent& parent : sandbox_->cgroups().parents()) {
      for (const auto& entry : fs::directory_iterator(parent.directory)) {
        count += entry.path().filename().string().starts_with("bourse." + instance()) ? 1 : 0;
      }
    }
    return count;
  }

  RunOutcome run(std::vector<std::string> command, std::stop_token cancel = {}) {
    request_.command = std::move(command);
    auto outcome = sandbox_->run(request_, cancel);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? std::move(*outcome) : RunOutcome{};
  }
  RunOutcome shell(const std::string& script) { return run({"/bin/sh", "-c", script}); }

  static std::string describe(const RunOutcome& out) {
    return std::string(enum_name(out.ended)) + " " + std::to_string(out.exit_code) + " " +
           out.detail + "\n" + std::string(as_text(out.standard_output)) +
           std::string(as_text(out.standard_error));
  }

  void expect_ended(const RunOutcome& out, Ended ended) {
    EXPECT_EQ(out.ended, ended) << describe(out);
    if (ended != Ended::exited) {
      EXPECT_FALSE(out.detail.empty());
      EXPECT_TRUE(out.files.empty());
    }
  }

  fs::path work_;
  RunRequest request_;
  std::unique_ptr<Sandbox> sandbox_;
};

inline const auto kSandboxModes = ::testing::Values(
    Mode{"full", true, true}, Mode{"memory", true, false}, Mode{"rlimits", false, false});
inline std::string mode_name(const ::testing::TestParamInfo<Mode>& info) { return info.param.name; }

}  // namespace bourse::provider
