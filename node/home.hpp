// SPDX-License-Identifier: Apache-2.0
//
// A node's home directory: genesis.json, config.toml, the consensus key, and data below it. Only
// one process at a time may have it open.
#pragma once

#include <filesystem>

#include "base/files.hpp"
#include "base/ids.hpp"
#include "market/genesis.hpp"
#include "node/config.hpp"

namespace bourse::node {

struct Home {
  std::filesystem::path directory;
  market::Genesis genesis;
  Config config;
  SecretKey consensus_seed;
  /// Held for as long as the process runs.
  UniqueFd lock;

  std::filesystem::path store() const { return directory / "data" / "store"; }
  std::filesystem::path anchor() const { return directory / "anchor"; }
  std::filesystem::path blobs() const { return directory / "data" / "blobs"; }
};

/// Where homes are when nobody says: $BOURSE_HOME, or bourse/ in the user's data directory.
std::filesystem::path default_home();

/// Makes a home. Refuses with home_exists to touch one that has a genesis.
Result<void> create_home(const std::filesystem::path& directory, const market::Genesis& genesis,
                         const SecretKey& consensus_seed);

/// The consensus key in a private file of 64 hex digits. Error kinds: consensus_key_invalid, and
/// those of read_private_file.
Result<SecretKey> load_consensus_key(const std::filesystem::path& file);

/// Opens a home. Error kinds: home_missing, home_in_use, consensus_key_invalid, and those of
/// parse_genesis and parse_config.
Result<Home> open_home(const std::filesystem::path& directory);

}  // namespace bourse::node
