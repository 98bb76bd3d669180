// SPDX-License-Identifier: Apache-2.0
#include "chain/verifier.hpp"

namespace bourse::chain {
namespace {

/// Some milliseconds of work. Under load the other cores have work of their own, and waking their
/// threads for less only puts it off.
constexpr std::size_t kGrain = 64;

}  // namespace

std::optional<SchnorrKey> KeyCache::get(const Address& address) {
  Shard& shard = shards_[IdHash{}(address) % kShards];
  {
    const std::lock_guard lock(shard.mutex);
    if (const auto found = shard.keys.find(address); found != shard.keys.end()) {
      return found->second;
    }
  }
  const auto key = SchnorrKey::parse(address);
  if (!key) return std::nullopt;
  const std::lock_guard lock(shard.mutex);
  // Starting over costs each sender one parse; keeping track of who was here last costs always.
  if (shard.keys.size() >= kKeysPerShard) shard.keys.clear();
  shard.keys.emplace(address, *key);
  return key;
}

std::vector<std::optional<VerifiedTx>> Verifier::verify(std::span<const ParsedTx> txs) {
  std::vector<std::optional<VerifiedTx>> out(txs.size());
  pool_.run(txs.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto key = keys_.get(txs[i].body().sender);
      if (key) out[i] = VerifiedTx::verify(txs[i], *key);
    }
  });
  return out;
}

}  // namespace bourse::chain
