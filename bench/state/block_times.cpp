// SPDX-License-Identifier: Apache-2.0
#include "bench/state/measures.hpp"
#include "bench/state/rig.hpp"
#include "bench/stream.hpp"
#include "market/tx_types.hpp"

namespace bourse::bench {
namespace {

/// A market that takes the time of what comes after the execution of a block.
class TimedMarket : public chain::StateMachine {
 public:
  TimedMarket(market::Market& market, std::vector<double>& times)
      : market_(market), times_(times) {}

  chain::BlockOutcome finalize(const chain::BlockContext& context,
                               std::span<const chain::VerifiedTx> txs) override {
    auto outcome = market_.finalize(context, txs);
    executed_ = Clock::now();
    return outcome;
  }
  /// The block is durable when the engine publishes its state.
  void commit() override {
    const double durable = seconds_since(executed_);
    market_.commit();
    const auto start = Clock::now();
    market_.root();
    times_.push_back((durable + seconds_since(start)) * 1000);
  }
  void give_up() override { market_.give_up(); }
  Hash root() override { return market_.root(); }

  /// The first tree, over all accounts, belongs to the start and not to the first block.
  void init_chain() override {
    market_.init_chain();
    market_.root();
  }
  std::vector<Result<void>> check(std::span<const chain::ParsedTx> txs) const override {
    return market_.check(txs);
  }
  std::vector<chain::AccountView> accounts(std::span<const Address> addresses) const override {
    return market_.accounts(addresses);
  }
  std::vector<chain::VerifiedTx> prepare(const chain::BlockContext& context,
                                         std::vector<chain::VerifiedTx> candidates) override {
    return market_.prepare(context, std::move(candidates));
  }
  std::optional<TimeMs> wake_at() const override { return market_.wake_at(); }
  chain::Rows take_changes() override { return market_.take_changes(); }
  Result<void> restore(const chain::Rows& rows) override { return market_.restore(rows); }

 private:
  market::Market& market_;
  std::vector<double>& times_;
  Clock::time_point executed_;
};

}  // namespace

Json block_times(std::size_t accounts, std::size_t keys, std::size_t blocks) {
  const test::TempDir scratch;
  const Senders senders(keys / 2);
  const std::size_t others = accounts - senders.size();
  std::vector<double> times;
  Rig rig(scratch.path(), genesis(senders, others),
          [&](market::Market& market) { return std::make_unique<TimedMarket>(market, times); });
  rig.recover();
  for (std::size_t block = 0; block < blocks; ++block) {
    std::vector<Bytes> transactions(senders.size());
    for (std::size_t i = 0; i < senders.size(); ++i) {
      // Each sender pays an account that no other does in this block.
      const Address to = other_account((block * 7919 + i * (others / senders.size())) % others);
      transactions[i] = sign(senders, rig.chain_id(), i, Nonce(block),
                             {market::to_operation(market::Transfer{to, Amount(1)})});
    }
    rig.commit(transactions);
  }
  std::sort(times.begin(), times.end());
  return Json{{"blocks", times.size()},
              {"p50", times[times.size() / 2]},
              {"p99", times[times.size() * 99 / 100]}};
}

}  // namespace bourse::bench
