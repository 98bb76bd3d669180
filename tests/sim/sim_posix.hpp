// SPDX-License-Identifier: Apache-2.0
//
// The face of the simulated disk towards code that calls the system: below one path, the calls of
// base/files.cpp and of the anchor go to the disk. The linker puts these functions in front of the
// real ones (--wrap), so the product has no hook for them.
#pragma once

#include <string>

#include "tests/sim/sim_disk.hpp"

namespace bourse::sim {

/// While it lives, everything below `root` is on `disk`. One at a time.
class Mount {
 public:
  Mount(SimDisk& disk, std::string root);
  ~Mount();
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
};

}  // namespace bourse::sim
