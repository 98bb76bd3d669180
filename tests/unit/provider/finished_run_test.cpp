// SPDX-License-Identifier: Apache-2.0
//
// Goal: a finished run is found again exactly as it was, or known to be damaged, never half.
// Method: real files, among them ones that a crash or a bad disk could leave.
#include "provider/finished_run.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace bourse::provider {
namespace {

AssignmentId id_of(std::uint8_t number) {
  AssignmentId id;
  id.bytes.fill(number);
  return id;
}

TEST(FinishedRuns, AreFoundAgainUntilForgotten) {
  const test::TempDir dir;
  const auto runs = FinishedRuns::open(dir / "finished").value();
  EXPECT_EQ(runs.load(id_of(1)).error().kind, "run_not_finished");
  FinishedRun run;
  run.salt.bytes.fill(7);
  run.bundle = Bytes(1 << 20, 42);
  ASSERT_TRUE(runs.save(id_of(1), run));
  const auto again = FinishedRuns::open(dir / "finished").value();
  EXPECT_EQ(again.load(id_of(1)).value().salt, run.salt);
  EXPECT_EQ(again.load(id_of(1)).value().bundle, run.bundle);
  EXPECT_EQ(again.list(), std::vector{id_of(1)});
  again.forget(id_of(1));
  EXPECT_EQ(again.load(id_of(1)).error().kind, "run_not_finished");
  EXPECT_TRUE(again.list().empty());
}

TEST(FinishedRuns, ADamagedRecordIsNoRun) {
  const test::TempDir dir;
  const auto runs = FinishedRuns::open(dir.path()).value();
  ASSERT_TRUE(runs.save(id_of(2), FinishedRun{}));
  const auto file = dir / to_hex(id_of(2).bytes);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
  EXPECT_EQ(runs.load(id_of(2)).error().kind, "run_corrupt");
}

TEST(FinishedRuns, OtherFilesAreNotTakenForRecords) {
  const test::TempDir dir;
  const auto runs = FinishedRuns::open(dir.path()).value();
  std::ofstream(dir / "notes.txt") << "x";
  std::ofstream(dir / "abcd") << "x";
  EXPECT_TRUE(runs.list().empty());
}

}  // namespace
}  // namespace bourse::provider
