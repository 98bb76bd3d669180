// SPDX-License-Identifier: Apache-2.0
//
// Goal: time, memory, processes and streams end or bound a job, with the typed reason. Method: jobs
// that do not stop by themselves, in the real sandbox.
#include "provider/sandbox_watch.hpp"

#include <thread>

#include "tests/support/sandbox_fixture.hpp"

namespace bourse::provider {
namespace {

class SandboxWatchTest : public SandboxTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxWatchTest, kSandboxModes, mode_name);

using namespace std::chrono_literals;

TEST_P(SandboxWatchTest, EndsAJobThatNeverEnds) {
  request_.limits.run = DurationMs(700);
  const auto out = shell(
      "trap '' TERM INT HUP; for i in 1 2 3; do setsid sh -c 'trap \"\" TERM; while :; do :; done' "
      "& done; echo started; while :; do :; done");
  expect_ended(out, Ended::time_limit);
  EXPECT_EQ(as_text(out.standard_output), "started\n");
  EXPECT_GE(out.elapsed, DurationMs(700));
  EXPECT_LT(out.elapsed, DurationMs(1700));
}

TEST_P(SandboxWatchTest, EndsAJobThatEatsMemory) {
  const auto out = run({"/bin/probe", "eat_memory"});
  if (GetParam().cgroups && sandbox_->cgroups().has_memory()) {
    expect_ended(out, Ended::memory_limit);
  } else {
    // Without control groups malloc fails at the limit, and the job copes as it likes.
    expect_ended(out, Ended::exited);
    EXPECT_EQ(out.exit_code, 9) << describe(out);
  }
}

TEST_P(SandboxWatchTest, ContainsAForkBomb) {
  request_.limits.run = DurationMs(1500);
  request_.limits.processes_max = 32;
  // What so many processes need at the least does not end it before its time.
  request_.limits.memory_mib = 256;
  expect_ended(run({"/bin/probe", "fork_forever"}), Ended::time_limit);
}

TEST_P(SandboxWatchTest, ReportsAJobThatFailsForWantOfProcesses) {
  if (!GetParam().cgroups || !sandbox_->cgroups().has_pids()) GTEST_SKIP();
  request_.limits.processes_max = 8;
  const auto script = "for i in $(seq 20); do sleep 5 & done; true";
  expect_ended(shell(script), Ended::process_limit);
  request_.limits.processes_max = 40;
  expect_ended(shell(script), Ended::exited);
}

TEST_P(SandboxWatchTest, CapsTheStreams) {
  request_.limits.stream_bytes_max = 1000;
  const auto flood = shell("yes | head -c 50000000; head -c 1001 /dev/zero >&2");
  expect_ended(flood, Ended::exited);
  EXPECT_EQ(flood.standard_output.size(), 1000u);
  EXPECT_TRUE(flood.standard_output_truncated);
  EXPECT_EQ(flood.standard_error.size(), 1000u);
  EXPECT_TRUE(flood.standard_error_truncated);
  const auto exact = shell("head -c 1000 /dev/zero");
  EXPECT_EQ(exact.standard_output.size(), 1000u);
  EXPECT_FALSE(exact.standard_output_truncated);
}

TEST_P(SandboxWatchTest, EndsAFloodAtTheTimeLimit) {
  request_.limits.run = DurationMs(500);
  const auto out = shell("yes >&2 & exec yes");
  expect_ended(out, Ended::time_limit);
  EXPECT_LT(out.elapsed, DurationMs(1500));
}

TEST_P(SandboxWatchTest, CancelsAtOnce) {
  std::stop_source stop;
  std::thread later([&] {
    std::this_thread::sleep_for(300ms);
    stop.request_stop();
  });
  const auto out = run({"/bin/sleep", "30"}, stop.get_token());
  later.join();
  expect_ended(out, Ended::cancelled);
  EXPECT_LT(out.elapsed, DurationMs(2000));
}

}  // namespace
}  // namespace bourse::provider
