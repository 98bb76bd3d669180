// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever the disk does, nothing that somebody was told of is lost or changed, and the node
// either works or says that it does not. Method: the real engine, market and database live through
// random accidents on a simulated disk; see simulation.hpp. One seed is one life, always the same:
// BOURSE_SIM_SEED=k prints the life of one, BOURSE_SIM_SEEDS=n lives that many; without a number
// there are few, and many with BOURSE_LONG=1.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <set>

#include "tests/sim/simulation.hpp"

namespace bourse::sim {
namespace {

constexpr int kAccidents = 8;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::stoull(text) : otherwise;
}

class Sim : public testing::Test {
 protected:
  // The node has much to say about its disk.
  void SetUp() override { spdlog::set_level(spdlog::level::off); }
};

void expect_none(std::uint64_t seed, const SimReport& report) {
  for (const std::string& what : report.problems) {
    ADD_FAILURE() << "BOURSE_SIM_SEED=" << seed << " " << what;
  }
}

TEST_F(Sim, NothingThatWasToldIsLost) {
  const std::uint64_t only = number_from("BOURSE_SIM_SEED", UINT64_MAX);
  const std::uint64_t seeds =
      number_from("BOURSE_SIM_SEEDS", std::getenv("BOURSE_LONG") ? 2000 : 40);
  if (only != UINT64_MAX) {
    spdlog::set_level(spdlog::level::info);
    Simulation simulation(only);
    simulation.disk().print_log();
    return expect_none(only, simulation.run(kAccidents));
  }
  SimReport sum;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const SimReport report = Simulation(seed).run(kAccidents);
    expect_none(seed, report);
    sum.blocks += report.blocks;
    sum.transactions += report.transactions;
    sum.power_cuts += report.power_cuts;
    sum.cut_while_starting += report.cut_while_starting;
    sum.failed_operations += report.failed_operations;
    sum.full_disks += report.full_disks;
    sum.refused_for_room += report.refused_for_room;
    sum.unreadable += report.unreadable;
    sum.in_doubt += report.in_doubt;
    sum.operations += report.operations;
  }
  std::printf(
      "%llu seeds: %llu blocks, %llu transactions, %llu disk operations; %llu power cuts, %llu "
      "failed operations, %llu full disks, %llu refused for room, %llu unreadable bytes, %llu of "
      "all while starting; %llu "
      "blocks in doubt\n",
      static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(sum.blocks),
      static_cast<unsigned long long>(sum.transactions),
      static_cast<unsigned long long>(sum.operations),
      static_cast<unsigned long long>(sum.power_cuts),
      static_cast<unsigned long long>(sum.failed_operations),
      static_cast<unsigned long long>(sum.full_disks),
      static_cast<unsigned long long>(sum.refused_for_room),
      static_cast<unsigned long long>(sum.unreadable),
      static_cast<unsigned long long>(sum.cut_while_starting),
      static_cast<unsigned long long>(sum.in_doubt));
  if (seeds < 40) return;
  // A life without accidents would prove nothing.
  EXPECT_GT(sum.blocks, 50 * seeds);
  for (const std::uint64_t count :
       {sum.power_cuts, sum.cut_while_starting, sum.failed_operations, sum.full_disks,
        sum.refused_for_room, sum.unreadable, sum.in_doubt}) {
    EXPECT_GT(count, seeds / 40);
  }
}

/// Every operation of a first start and of the first blocks: files that are there for the first
/// time have dangers of their own.
TEST_F(Sim, AYoungChainSurvivesAPowerCutAtEveryOperation) {
  std::uint64_t blocks = 0;
  for (std::uint64_t operations = 1; operations <= 130; ++operations) {
    SCOPED_TRACE("the power goes after " + std::to_string(operations));
    const SimReport report = Simulation(operations).cut_young(operations);
    expect_none(operations, report);
    blocks += report.blocks;
  }
  EXPECT_GT(blocks, 130u);
}

TEST_F(Sim, ASeedIsALife) {
  std::set<std::uint64_t> lives;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const SimReport first = Simulation(seed).run(kAccidents);
    const SimReport second = Simulation(seed).run(kAccidents);
    EXPECT_EQ(first.log_hash, second.log_hash) << seed;
    EXPECT_EQ(first.operations, second.operations) << seed;
    lives.insert(first.log_hash);
  }
  EXPECT_EQ(lives.size(), 3u);
}

/// The tester tested: a disk that does not sync is a program that does not.
TEST_F(Sim, ADiskThatLiesIsFoundOut) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Simulation simulation(seed);
    simulation.disk().lie_about_sync();
    if (!simulation.run(kAccidents).problems.empty()) ++found;
  }
  EXPECT_GT(found, 7u);
}

}  // namespace
}  // namespace bourse::sim
