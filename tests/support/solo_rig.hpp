// SPDX-License-Identifier: Apache-2.0
//
// A solo engine on the toy machine over a directory: what a node is to the tests of chain/.
#pragma once

#include <atomic>

#include "chain/solo.hpp"
#include "tests/support/toy_machine.hpp"

namespace bourse::test {

inline const Hash kRigChain = sha256(as_bytes("rig"));
inline constexpr TimeMs kRigStart{1'000'000};

/// Users with these numbers are rich.
inline std::vector<Address> rich_users() {
  std::vector<Address> out;
  for (std::uint8_t number = 1; number <= 4; ++number) out.push_back(ToyUser(number).address);
  return out;
}

class SoloRig {
 public:
  explicit SoloRig(const std::filesystem::path& directory,
                   std::unique_ptr<ToyMachine> toy = nullptr)
      : store_config{directory / "db", directory / "anchor", kRigChain, 0} {
    machine = toy ? std::move(toy) : std::make_unique<ToyMachine>(rich_users());
    config.chain_id = kRigChain;
    config.genesis_time = kRigStart;
    config.consensus_seed = *SecretKey::from(Bytes(32, 7));
  }

  /// Opens the store and makes the engine; config and the machine may be changed before.
  void open() {
    store = Store::open(store_config).value();
    engine = std::make_unique<SoloEngine>(config, *machine, *store,
                                          [this] { return TimeMs(now.load()); });
  }

  Bytes transaction(const ToyUser& user, std::uint64_t nonce, Operation operation) const {
    const TimeMs until = TimeMs(now.load()) + seconds(3600);
    return sign_tx(user.body(kRigChain, nonce, until, std::move(operation)), user.key);
  }
  /// Submits the user's next transaction.
  Result<Hash> send(const ToyUser& user, Operation operation) {
    return engine->submit(
        transaction(user, engine->next_nonce(user.address).value(), std::move(operation)));
  }

  StoreConfig store_config;
  SoloConfig config;
  std::atomic<std::uint64_t> now{kRigStart.value()};
  std::unique_ptr<ToyMachine> machine;
  std::unique_ptr<Store> store;
  std::unique_ptr<SoloEngine> engine;
};

}  // namespace bourse::test
