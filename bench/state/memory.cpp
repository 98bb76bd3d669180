// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <fstream>

#include "base/crypto.hpp"
#include "bench/parallel.hpp"
#include "bench/state/measures.hpp"
#include "bench/state/rig.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kOffersEach = 64;
constexpr std::size_t kPerBlock = 256;

/// Resident memory in bytes, with what the allocator keeps for later given back.
double resident() {
  ::malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  file >> pages >> pages;
  return static_cast<double>(pages) * 4096;
}

/// One transaction per sender, in blocks that nobody stores.
template <class Operations>
void run(market::Market& market, const Hash& chain, const Senders& senders, Nonce nonce,
         const Operations& operations) {
  const ConsensusKey proposer = ed25519_public(validator_seed());
  for (std::size_t first = 0; first < senders.size(); first += kPerBlock) {
    std::vector<chain::VerifiedTx> txs;
    for (std::size_t i = first; i < std::min(first + kPerBlock, senders.size()); ++i) {
      Bytes raw = sign(senders, chain, i, nonce, operations(senders.address(i)));
      txs.push_back(chain::verify_tx(std::move(raw), chain).value());
    }
    const auto before = market.snapshot();
    const TimeMs time = txs.front().body().valid_until - seconds(60);
    const auto outcome = market.finalize({1, before->height + Height(1), time, proposer}, txs);
    for (const chain::Receipt& receipt : outcome.receipts) CHECK(receipt.error == 0);
    market.root();
    market.commit();
  }
}

}  // namespace

Json memory(std::size_t accounts, std::size_t offers) {
  const Senders senders(offers / kOffersEach);
  market::Genesis start = genesis(senders, accounts - senders.size());
  const Hash chain = market::chain_id(start);
  market::Market market(std::move(start));
  const double empty = resident();
  market.init_chain();
  market.root();
  const double with_accounts = resident();
  run(market, chain, senders, Nonce(0),
      [](const Address& owner) { return std::vector{register_provider(owner)}; });
  const double with_providers = resident();
  run(market, chain, senders, Nonce(1),
      [](const Address& owner) { return post_offers(owner, Nonce(0), kOffersEach); });
  const double with_offers = resident();
  return Json{{"account", (with_accounts - empty) / static_cast<double>(accounts)},
              {"offer",
               (with_offers - with_providers) / static_cast<double>(senders.size() * kOffersEach)}};
}

}  // namespace bourse::bench
