// SPDX-License-Identifier: Apache-2.0
#include "market/dev.hpp"

#include <algorithm>

#include "base/bip32.hpp"
#include "base/bip39.hpp"
#include "base/crypto.hpp"

namespace bourse::market {

SecretKey dev_key(std::uint32_t index) {
  const Bytes entropy = entropy_from_words(kDevMnemonic).value();
  const Seed seed = seed_from_entropy(entropy, "").value();
  return derive_secret(seed, "m/44'/1'/0'/0/" + std::to_string(index)).value();
}

SecretKey dev_consensus_seed() {
  return SecretKey{tagged_hash("bourse/dev-validator", as_bytes(kDevMnemonic)).bytes};
}

Genesis dev_genesis(TimeMs time, Bytes salt) {
  Genesis genesis;
  genesis.network = Network::dev;
  genesis.name = "dev";
  genesis.time = time;
  genesis.salt = std::move(salt);
  genesis.params.accept_within = seconds(10);
  genesis.params.transfer = seconds(30);
  genesis.params.reveal_within = seconds(30);
  genesis.params.unbond_delay = seconds(60);
  genesis.params.stall = seconds(5);
  genesis.params.grace = seconds(10);
  for (std::uint32_t i = 0; i < kDevAccounts; ++i) {
    genesis.accounts.push_back(
        {public_key(dev_key(i)).value(), Amount(kDevBalanceBrs * kGrainsPerBrs)});
  }
  // Fees go to the last account, so that the others' balances tell of the market alone.
  genesis.validators.push_back(
      {ed25519_public(dev_consensus_seed()), genesis.accounts.back().address});
  std::sort(genesis.accounts.begin(), genesis.accounts.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  return genesis;
}

}  // namespace bourse::market
