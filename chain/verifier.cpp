// SPDX-License-Identifier: Apache-2.0
#include "chain/verifier.hpp"

#include <algorithm>

namespace bourse::chain {
namespace {

/// Some milliseconds of work. Under load the other cores have work of their own, and waking their
/// threads for less only puts it off.
constexpr std::size_t kGrain = 64;

}  // namespace

std::vector<std::optional<SchnorrKey>> KeyCache::get(std::span<const ParsedTx> txs) {
  std::vector<std::optional<SchnorrKey>> out(txs.size());
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < txs.size(); ++i) {
      const auto found = keys_.find(txs[i].body().sender);
      if (found != keys_.end()) out[i] = found->second;
    }
  }
  for (std::size_t i = 0; i < txs.size(); ++i) {
    if (out[i]) continue;
    const Address& sender = txs[i].body().sender;
    out[i] = SchnorrKey::parse(sender);
    if (!out[i]) continue;
    const std::lock_guard lock(mutex_);
    // Starting over costs each sender one parse; keeping track of who was here last costs always.
    if (keys_.size() >= kKeysMax) keys_.clear();
    keys_.emplace(sender, *out[i]);
  }
  return out;
}

std::vector<std::optional<VerifiedTx>> Verifier::verify(std::vector<ParsedTx> txs) {
  std::vector<std::optional<VerifiedTx>> out(txs.size());
  pool_.run(txs.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    const std::span piece(txs.data() + begin, end - begin);
    const auto keys = keys_.get(piece);
    auto verified = VerifiedTx::verify_all(piece, keys);
    std::ranges::move(verified, out.begin() + static_cast<std::ptrdiff_t>(begin));
  });
  return out;
}

}  // namespace bourse::chain
