// SPDX-License-Identifier: Apache-2.0
#include "node/home.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cstdlib>

#include "base/crypto.hpp"
#include "base/json_fields.hpp"

namespace bourse::node {
namespace {

constexpr std::size_t kConfigBytesMax = 64 * 1024;
constexpr std::size_t kGenesisBytesMax = 64 * 1024 * 1024;
constexpr unsigned kPublicMode = 0644;

}  // namespace

std::filesystem::path default_home() {
  if (const char* home = std::getenv("BOURSE_HOME")) return home;
  if (const char* data = std::getenv("XDG_DATA_HOME"))
    return std::filesystem::path(data) / "bourse";
  const char* user = std::getenv("HOME");
  return std::filesystem::path(user ? user : ".") / ".local" / "share" / "bourse";
}

Result<void> create_home(const std::filesystem::path& directory, const market::Genesis& genesis,
                         const SecretKey& consensus_seed) {
  if (std::filesystem::exists(directory / "genesis.json")) {
    return Error{"home_exists", directory.string() + " is the home of a chain already"};
  }
  std::error_code failed;
  std::filesystem::create_directories(directory / "data", failed);
  if (failed) return Error{"file_error", "cannot create " + directory.string()};
  TRY(write_file_atomic(directory / "config.toml", as_bytes(config_text(Config{})), kPublicMode));
  TRY(write_file_atomic(directory / "consensus_key", as_bytes(to_hex(consensus_seed.bytes) + "\n"),
                        kPrivateMode));
  // The genesis comes last: a home that has it is whole.
  const Json json = to_json(genesis, JsonStyle{genesis.network});
  return write_file_atomic(directory / "genesis.json", as_bytes(dump_json_pretty(json) + "\n"),
                           kPublicMode);
}

Result<SecretKey> load_consensus_key(const std::filesystem::path& file) {
  TRY_ASSIGN(const Bytes text, read_private_file(file, 1024));
  std::string_view hex = as_text(text);
  if (hex.ends_with('\n')) hex.remove_suffix(1);
  const auto seed = SecretKey::from(from_hex(hex).value_or(Bytes{}));
  if (!seed) return Error{"consensus_key_invalid", file.string() + " must hold 64 hex digits"};
  return *seed;
}

Result<Home> open_home(const std::filesystem::path& directory) {
  Home home;
  home.directory = directory;
  if (!std::filesystem::exists(directory / "genesis.json")) {
    return Error{"home_missing", directory.string() +
                                     " is no node's home; make one with `boursed init --genesis "
                                     "FILE`, or try `boursed --dev`"};
  }
  home.lock = UniqueFd(::open((directory / "LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!home.lock || ::flock(home.lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{"home_in_use", "another process has " + directory.string() + " open"};
  }
  TRY_ASSIGN(const Bytes genesis, read_file(directory / "genesis.json", kGenesisBytesMax));
  TRY_ASSIGN(home.genesis, market::parse_genesis(as_text(genesis)));
  TRY_ASSIGN(const Bytes config, read_file(directory / "config.toml", kConfigBytesMax));
  TRY_ASSIGN(home.config, parse_config(as_text(config)));
  TRY_ASSIGN(home.consensus_seed, load_consensus_key(directory / "consensus_key"));
  return home;
}

}  // namespace bourse::node
