// SPDX-License-Identifier: Apache-2.0
//
// What a block does to the state, by its steps: waiting, choosing, executing, the root.
#include <benchmark/benchmark.h>

#include "base/crypto.hpp"
#include "bench/stream.hpp"
#include "chain/mempool.hpp"
#include "chain/paged_array.hpp"
#include "market/market.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kSenders = 10'000;
constexpr std::size_t kBlock = 2'000;

struct Chain {
  Senders senders{kSenders};
  market::Genesis start;
  Hash id;

  explicit Chain(std::size_t accounts) : start(genesis(senders, accounts - kSenders)) {
    id = market::chain_id(start);
  }

  std::vector<chain::VerifiedTx> verified(std::size_t count) const {
    std::vector<chain::VerifiedTx> out;
    for (Bytes& raw : transfers(senders, id, count)) {
      out.push_back(chain::verify_tx(std::move(raw), id).value());
    }
    return out;
  }
};

void mempool_add_and_leave(benchmark::State& state) {
  const Chain chain(kSenders);
  const auto txs = chain.verified(kBlock);
  const TimeMs now = txs.front().body().valid_until - seconds(3600);
  const Amount balance(kGrainsPerBrs);
  for (auto _ : state) {
    std::uint64_t nonce = 0;
    chain::Mempool pool([&](std::span<const Address> addresses) {
      return std::vector(addresses.size(), chain::AccountView{Nonce(nonce), balance});
    });
    for (const auto& added : pool.add(txs, now)) added.value();
    benchmark::DoNotOptimize(pool.take(std::size_t{4} << 20));
    nonce = 1;
    pool.on_block(txs);
  }
  state.SetItemsProcessed(state.iterations() * std::int64_t{kBlock});
}
BENCHMARK(mempool_add_and_leave)->Unit(benchmark::kMicrosecond);

/// Writes to scattered elements of an array that a snapshot shares.
void paged_array_write(benchmark::State& state) {
  chain::PagedArray<std::uint64_t> array;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) array.push_back(i);
  std::uint32_t at = 0;
  for (auto _ : state) {
    const auto snapshot = array;
    for (int i = 0; i < 1'000; ++i) ++array.edit(at = (at + 7919) % array.size());
  }
  state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(paged_array_write)->Unit(benchmark::kMicrosecond);

/// Blocks of transfers by their steps: what is timed is said by the argument.
enum Step : std::int64_t { prepare, finalize, root, commit };
constexpr std::size_t kBlocks = 20;
void block_step(benchmark::State& state) {
  static const Chain chain(100'000);
  static const std::vector<chain::VerifiedTx> all = chain.verified(kBlocks * kBlock);
  market::Market market(chain.start);
  market.init_chain();
  const ConsensusKey proposer = ed25519_public(validator_seed());
  const TimeMs time = all.front().body().valid_until - seconds(3600);
  auto next = all.begin();
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<chain::VerifiedTx> txs(next, next + std::ptrdiff_t{kBlock});
    next += std::ptrdiff_t{kBlock};
    const auto timed = [&](Step step, const auto& action) {
      if (state.range(0) == step) state.ResumeTiming();
      action();
      if (state.range(0) == step) state.PauseTiming();
    };
    const Height height = market.snapshot()->height + Height(1);
    const chain::BlockContext context{1, height, time, proposer};
    timed(prepare, [&] { benchmark::DoNotOptimize(market.prepare(context, txs)); });
    timed(finalize, [&] { benchmark::DoNotOptimize(market.finalize(context, txs)); });
    timed(root, [&] { benchmark::DoNotOptimize(market.root()); });
    timed(commit, [&] { market.commit(); });
    state.ResumeTiming();
  }
  static constexpr const char* names[] = {"prepare", "finalize", "root", "commit"};
  state.SetLabel(names[state.range(0)]);
  state.SetItemsProcessed(state.iterations() * std::int64_t{kBlock});
}
BENCHMARK(block_step)
    ->Arg(prepare)
    ->Arg(finalize)
    ->Arg(root)
    ->Arg(commit)
    ->Iterations(kBlocks)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bourse::bench
