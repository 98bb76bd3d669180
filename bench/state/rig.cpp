// SPDX-License-Identifier: Apache-2.0
#include "bench/state/rig.hpp"

#include "bench/parallel.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

TimeMs system_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return TimeMs(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
}

}  // namespace

Rig::Rig(const std::filesystem::path& store, const std::filesystem::path& anchor,
         market::Genesis genesis, const Decorate& decorate)
    : chain_id_(market::chain_id(genesis)) {
  chain::StoreConfig store_config;
  store_config.directory = store;
  store_config.anchor = anchor;
  store_config.chain_id = chain_id_;
  store_ = chain::Store::open(store_config).value();
  chain::SoloConfig config;
  config.chain_id = chain_id_;
  config.genesis_time = genesis.time;
  config.consensus_seed = validator_seed();
  config.block_bytes_max = genesis.params.block_bytes_max;
  market_ = std::make_unique<market::Market>(std::move(genesis));
  if (decorate) decorated_ = decorate(*market_);
  chain::StateMachine& machine = decorated_ ? *decorated_ : *market_;
  engine_ = std::make_unique<chain::SoloEngine>(std::move(config), machine, *store_, system_time);
}

void Rig::recover(chain::SoloEngine::Trust trust) { engine_->recover(trust).value(); }

void Rig::commit(std::span<const Bytes> transactions) {
  in_parallel(transactions.size(), [&](std::size_t first, std::size_t last) {
    const auto mine = transactions.subspan(first, last - first);
    for (const auto& id : engine_->submit_all({mine.begin(), mine.end()})) id.value();
  });
  while (engine_->status().waiting > 0) engine_->step().value();
}

void Rig::commit_all(std::span<const Bytes> transactions, std::size_t at_a_time) {
  for (std::size_t i = 0; i < transactions.size(); i += at_a_time) {
    commit(transactions.subspan(i, std::min(at_a_time, transactions.size() - i)));
  }
}

}  // namespace bourse::bench
