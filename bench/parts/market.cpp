// SPDX-License-Identifier: Apache-2.0
//
// What a transaction of ten market operations costs, by its steps: reading, weighing, choosing,
// executing, publishing, the root.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <string>

#include "bench/clock.hpp"
#include "bench/stream.hpp"
#include "market/market.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kSenders = 20'000;
constexpr std::size_t kBlock = 400;
constexpr std::size_t kBlocks = 50;

/// A market in which each sender has its offers, and the stream that changes them.
class Exchange {
 public:
  Exchange() {
    market_.init_chain();
    while (next_ < kSenders) make_block();
  }

  /// The processor time of all threads, since the tree has its own, in µs per transaction.
  std::map<std::string, double> make_block() {
    std::map<std::string, double> spent;
    const auto timed = [&](const char* step, const auto& action) {
      const double before = cpu_seconds();
      action();
      spent[step] = (cpu_seconds() - before) * 1e6 / kBlock;
    };
    std::vector<chain::ParsedTx> parsed;
    timed("1 parse", [&] {
      for (const std::size_t end = next_ + kBlock; next_ < end; ++next_) {
        parsed.push_back(chain::ParsedTx::parse(stream_[next_], id_).value());
      }
    });
    timed("2 check", [&] {
      for (const auto& checked : market_.check(parsed)) checked.value();
    });
    std::vector<chain::VerifiedTx> txs;
    for (const auto& tx : parsed) txs.push_back(chain::VerifiedTx::vouched(tx));
    const TimeMs time = txs.front().body().valid_until - seconds(3600);
    const Height height = market_.snapshot()->height + Height(1);
    const chain::BlockContext context{1, height, time, proposer_};
    timed("3 prepare", [&] { CHECK(market_.prepare(context, txs).size() == kBlock); });
    timed("4 finalize", [&] { benchmark::DoNotOptimize(market_.finalize(context, txs)); });
    timed("5 root", [&] {
      market_.commit();
      benchmark::DoNotOptimize(market_.root());
    });
    return spent;
  }

 private:
  const Senders senders_{kSenders};
  const market::Genesis start_ = genesis(senders_);
  const Hash id_ = market::chain_id(start_);
  const ConsensusKey proposer_ = ed25519_public(validator_seed());
  const std::vector<Bytes> stream_ = market_operations(senders_, id_, kSenders + kBlocks * kBlock);
  market::Market market_{start_};
  std::size_t next_ = 0;
};

void market_block(benchmark::State& state) {
  Exchange exchange;
  std::map<std::string, double> fastest;
  for (auto _ : state) {
    for (const auto& [step, time] : exchange.make_block()) {
      const double before = fastest.try_emplace(step, time).first->second;
      fastest[step] = std::min(before, time);
    }
  }
  for (const auto& [step, time] : fastest) state.counters[step] = time;
}
BENCHMARK(market_block)->Iterations(kBlocks)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bourse::bench
