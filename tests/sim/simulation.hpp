// SPDX-License-Identifier: Apache-2.0
//
// A node on a simulated disk and clock, with people who trade on it and accidents that happen to
// it. It is started again after every accident and compared with what it had told and with a twin
// that executes the same blocks and never had an accident.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chain/solo.hpp"
#include "market/market.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/sim/sim_env.hpp"
#include "tests/sim/sim_posix.hpp"
#include "tests/support/actors.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::sim {

struct SimReport {
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;
  std::uint64_t power_cuts = 0;
  std::uint64_t cut_while_starting = 0;
  std::uint64_t failed_operations = 0;
  std::uint64_t full_disks = 0;
  std::uint64_t refused_for_room = 0;
  std::uint64_t unreadable = 0;
  /// Blocks that were on disk though nobody had been told.
  std::uint64_t in_doubt = 0;
  std::uint64_t operations = 0;
  std::uint64_t log_hash = 0;
  /// What must not be; none is right.
  std::vector<std::string> problems;
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  SimDisk& disk() { return disk_; }
  /// Lives through so many accidents.
  SimReport run(int accidents);
  /// Starts for the first time, and the power goes after so many operations of the disk.
  SimReport cut_young(std::uint64_t operations);

 private:
  enum class Accident { none, power_cut, failed_operation, full_disk, unreadable };

  SimReport finish();
  void live_until(Accident accident);
  void live_on(Accident accident);
  void arm(Accident accident);
  void recover_from(Accident accident);

  Result<void> start();
  void stop();
  void restart(const std::string& when);
  void try_start(const std::string& accident);
  void trade();
  void do_something();
  void pass_time();
  void told(const chain::Block& block);

  void verify();
  bool verify_block(Height height);
  void verify_state();
  void verify_found();
  void problem(const std::string& what);

  test::RandomFields random_;
  SimDisk disk_;
  SimEnv env_;
  /// Only its name is used, and the empty directories that the store makes.
  const test::TempDir directory_;
  const Mount mount_;
  test::Actors actors_;
  const market::Genesis genesis_;
  std::uint64_t now_;
  chain::StoreConfig store_config_;
  chain::SoloConfig config_;

  std::unique_ptr<market::Market> market_;
  std::unique_ptr<chain::Store> store_;
  std::unique_ptr<chain::SoloEngine> engine_;
  /// Why the engine ended, if it did.
  std::optional<Error> ended_;

  market::Market twin_;
  std::uint64_t twin_height_ = 0;
  /// Digests of the blocks that somebody was told of, and their transactions.
  std::vector<Hash> told_blocks_;
  std::vector<std::pair<Hash, Height>> told_txs_;
  bool has_doubt_ = false;
  SimReport report_;
};

}  // namespace bourse::sim
