// SPDX-License-Identifier: Apache-2.0
//
// RocksDB's face of the simulated disk. What RocksDB would do in background threads waits until the
// simulation runs it, so that a seed gives the same order every time. The price: nothing here may
// wait for a background job (a manual flush or a stalled write would wait for ever).
#pragma once

#include <memory>

#include "tests/sim/sim_disk.hpp"

namespace rocksdb {
class Env;
}

namespace bourse::sim {

class SimEnv {
 public:
  explicit SimEnv(SimDisk& disk);
  ~SimEnv();
  SimEnv(const SimEnv&) = delete;
  SimEnv& operator=(const SimEnv&) = delete;

  rocksdb::Env* get() const;
  /// Runs the oldest waiting background job; false when there is none.
  bool run_background_job();
  void set_time(std::uint64_t ms);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::sim
