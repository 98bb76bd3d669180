// SPDX-License-Identifier: Apache-2.0
//
// Making blocks durable.
#include <benchmark/benchmark.h>

#include "base/crypto.hpp"
#include "bench/stream.hpp"
#include "chain/store.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::bench {
namespace {

/// A store that takes blocks of so many transfers. What the blocks say is nobody's matter here.
struct Filled {
  test::TempDir scratch;
  Hash id = sha256(as_bytes("store"));
  std::unique_ptr<chain::Store> store;
  chain::Block block;

  explicit Filled(std::size_t transactions) {
    chain::StoreConfig config;
    config.directory = scratch.path() / "store";
    config.anchor = scratch.path() / "anchor";
    config.chain_id = id;
    store = chain::Store::open(config).value();
    block.transactions = transfers(Senders(transactions), id, transactions);
    for (const Bytes& raw : block.transactions) {
      block.receipts.push_back({chain::tx_id(raw), 0, 0, Amount(10'000)});
    }
  }
  void next() { block.header.height = block.header.height + Height(1); }
};

void append_block(benchmark::State& state) {
  Filled filled(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    filled.next();
    filled.store->append(filled.block).value();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_block)->Arg(1)->Arg(100)->Arg(2'000)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace bourse::bench
