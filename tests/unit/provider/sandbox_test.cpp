// SPDX-License-Identifier: Apache-2.0
//
// Goal: an honest job gets its world and its results out, and what is no result is refused. Method:
// the real sandbox with the real bubblewrap.
#include "provider/sandbox.hpp"

#include <signal.h>

#include <thread>

#include "base/crypto.hpp"
#include "tests/support/sandbox_fixture.hpp"

namespace bourse::provider {
namespace {

INSTANTIATE_TEST_SUITE_P(All, SandboxTest, kSandboxModes, mode_name);

TEST_P(SandboxTest, ReturnsOutputsStreamsAndExitCode) {
  const auto out = shell(
      "echo to-stdout; echo to-stderr >&2; cat /in/data > b; mkdir -p a/deep empty; echo 1 > "
      "a/deep/x; chmod 755 a/deep/x; exit 7");
  expect_ended(out, Ended::exited);
  EXPECT_EQ(out.exit_code, 7);
  EXPECT_EQ(as_text(out.standard_output), "to-stdout\n");
  EXPECT_EQ(as_text(out.standard_error), "to-stderr\n");
  ASSERT_EQ(out.files.size(), 2u) << describe(out);
  EXPECT_EQ(out.files[0].path, "a/deep/x");
  EXPECT_TRUE(out.files[0].executable);
  EXPECT_EQ(out.files[1].path, "b");
  EXPECT_FALSE(out.files[1].executable);
  EXPECT_EQ(as_text(out.files[1].content), "input");
  EXPECT_EQ(out.files[1].sha256, sha256(as_bytes("input")));
}

TEST_P(SandboxTest, ShowsACleanSmallWorld) {
  ::setenv("BOURSE_TEST_SECRET", "leak", 1);
  request_.env = {{"JOB_VARIABLE", "a=b c"}, {"HOME", "/out"}};
  const auto out = shell("env; pwd; id -u; id -g; hostname; ls / /out; umask");
  ::unsetenv("BOURSE_TEST_SECRET");
  expect_ended(out, Ended::exited);
  const std::string text(as_text(out.standard_output));
  EXPECT_EQ(text.find("leak"), std::string::npos) << text;
  EXPECT_NE(text.find("JOB_VARIABLE=a=b c\n"), std::string::npos) << text;
  EXPECT_NE(text.find("HOME=/out\n"), std::string::npos) << text;
  EXPECT_NE(text.find("/out\n1000\n1000\njob\n/:\nbin\ndev\nin\nout\nproc\ntmp\n\n/out:\n0022\n"),
            std::string::npos)
      << text;
}

TEST_P(SandboxTest, ReportsACommandThatCannotBeStarted) {
  const auto missing = run({"/no/such/program"});
  expect_ended(missing, Ended::exited);
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_EQ(as_text(missing.standard_error), "/no/such/program: No such file or directory\n");
  EXPECT_EQ(run({"/in/data"}).exit_code, 126);
}

TEST_P(SandboxTest, ReportsASignalAs128PlusItsNumber) {
  EXPECT_EQ(shell("sh -c 'kill -SEGV $$'; exit $?").exit_code, 128 + SIGSEGV);
}

TEST_P(SandboxTest, RefusesBadRequests) {
  const auto kind = [&] {
    auto outcome = sandbox_->run(request_, {});
    return outcome ? "accepted" : outcome.error().kind;
  };
  request_.command = {};
  EXPECT_EQ(kind(), "bad_run_request");
  request_.command = {std::string("a\0b", 3)};
  EXPECT_EQ(kind(), "bad_run_request");
  request_.command = {"/bin/true"};
  request_.env = {{"A=B", "c"}};
  EXPECT_EQ(kind(), "bad_run_request");
  request_.env = {};
  request_.name = "../../escape";
  EXPECT_EQ(kind(), "bad_run_request");
  request_.name = "run";
  request_.rootfs = work_ / "absent";
  EXPECT_EQ(kind(), "sandbox_failed");
}

TEST_P(SandboxTest, RunsSideBySide) {
  std::vector<std::thread> threads;
  std::array<Result<RunOutcome>, 4> outcomes{Error{}, Error{}, Error{}, Error{}};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    RunRequest request = request_;
    request.name = "run-" + std::to_string(i);
    request.scratch_dir = work_ / request.name;
    fs::create_directories(request.scratch_dir);
    request.command = {"/bin/sh", "-c", "echo " + std::to_string(i) + " > n; exec sleep 0.2"};
    threads.emplace_back(
        [this, i, &outcomes, request] { outcomes[i] = sandbox_->run(request, {}); });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
    ASSERT_EQ(outcomes[i]->files.size(), 1u) << describe(*outcomes[i]);
    EXPECT_EQ(as_text(outcomes[i]->files[0].content), std::to_string(i) + "\n");
  }
}

// ------------------------------------------------------------------------------

// ---------------------------------------------------------------------------------------

TEST_P(SandboxTest, RefusesOutputsThatAreNoFiles) {
  for (const char* script : {"ln -s /etc/shadow stolen", "ln -s . loop", "mkfifo pipe",
                             "echo 1 > a; ln a b", "ln /out/../out gone 2>/dev/null; mkfifo x"}) {
    expect_ended(shell(script), Ended::output_refused);
  }
}

TEST_P(SandboxTest, CountsOutputs) {
  request_.limits.output_files_max = 3;
  request_.limits.output_bytes_max = 10;
  EXPECT_EQ(shell("touch a b c").files.size(), 3u);
  expect_ended(shell("touch a b c d"), Ended::output_refused);
  EXPECT_EQ(shell("head -c 10 /dev/zero > a").files.size(), 1u);
  expect_ended(shell("head -c 11 /dev/zero > a"), Ended::output_refused);
}

// -----------------------------------------------------------------------

TEST(SandboxDetectTest, RefusesAMachineWithoutBubblewrap) {
  const fs::path work = fs::temp_directory_path() / "bourse-no-bwrap";
  const auto sandbox = Sandbox::detect({"none", work, "/no/bwrap"});
  ASSERT_FALSE(sandbox);
  EXPECT_EQ(sandbox.error().kind, "sandbox_unusable");
  fs::remove_all(work);
}

}  // namespace
}  // namespace bourse::provider
