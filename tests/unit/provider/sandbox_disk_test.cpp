// SPDX-License-Identifier: Apache-2.0
//
// Goal: a job never has more disk than was sold, in whatever way it asks for it. Method: jobs that
// fill /out and /tmp, in the real sandbox.
#include "provider/sandbox_disk.hpp"

#include "tests/support/sandbox_fixture.hpp"

namespace bourse::provider {
namespace {

class SandboxDiskTest : public SandboxTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxDiskTest, kSandboxModes, mode_name);

TEST_P(SandboxDiskTest, BoundsFilesInTmp) {
  const auto out = shell("dd if=/dev/zero of=/tmp/big bs=1M count=200");
  expect_ended(out, Ended::exited);
  EXPECT_EQ(out.exit_code, 1) << describe(out);
}

TEST_P(SandboxDiskTest, BoundsTheDisk) {
  const auto filled = shell("dd if=/dev/zero of=big bs=64k count=1000");
  expect_ended(filled, Ended::disk_limit);
  // A job that copes with the full disk has a result.
  const auto coped =
      shell("dd if=/dev/zero of=big bs=64k count=1000; rm -f big; echo ok > small; exit 0");
  expect_ended(coped, Ended::exited);
  EXPECT_EQ(shell("dd if=/dev/zero of=/out/fits bs=1M count=7").files.size(), 1u);
  EXPECT_EQ(shell("dd if=/dev/zero of=/out/exact bs=1M count=8").exit_code, 0);
  // Many files instead of much data. The shell writes them itself: the kernel counts the memory of
  // ended processes for a while, on a busy machine up to the limit.
  expect_ended(shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo 1 > f$i || exit 3; done"),
               Ended::disk_limit);
  // What was deleted is full no more when the job has failed, but it never had more than its limit.
  const auto ghost = shell("exec 5> ghost; rm ghost; dd if=/dev/zero bs=64k count=1000 >&5");
  expect_ended(ghost, Ended::exited);
  EXPECT_EQ(ghost.exit_code, 1) << describe(ghost);
}

TEST_P(SandboxDiskTest, LeavesNothingForTheNextRun) {
  shell("echo 1 > /out/mine; echo 1 > /tmp/mine; echo 1 > /dev/shm/mine");
  const auto out = shell("ls -A /out /tmp /dev/shm");
  EXPECT_EQ(as_text(out.standard_output), "/dev/shm:\n\n/out:\n\n/tmp:\n");
}

}  // namespace
}  // namespace bourse::provider
