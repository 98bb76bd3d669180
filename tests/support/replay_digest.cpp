// SPDX-License-Identifier: Apache-2.0
//
// Executes a chain that is the same in every build and prints one hash over all its roots, receipts
// and events: two compilers must come to the same.
//   replay_digest [BLOCKS]
#include <cstdio>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "tests/support/actors.hpp"

namespace bourse::test {
namespace {

class Chain {
 public:
  Chain() : random_(1), genesis_(random_genesis(random_)), market_(genesis_), actors_(random_) {
    market_.init_chain();
  }

  void block() {
    std::vector<chain::VerifiedTx> candidates;
    const std::uint64_t count = random_.below(6);
    for (std::uint64_t i = 0; i < count; ++i) candidates.push_back(transaction());
    ++height_;
    const chain::BlockContext context{1, Height(height_), now_, ed25519_public(consensus_seed())};
    const auto txs = market_.prepare(context, std::move(candidates));
    const chain::BlockOutcome outcome = market_.finalize(context, txs);
    digest_.update(market_.root().bytes);
    digest_.update(encode(outcome.receipts));
    for (const Bytes& event : outcome.events) digest_.update(event);
    market_.commit();
    waiting_.clear();
    executed_ += txs.size();
    const auto wake = market_.wake_at();
    const bool is_due_soon = wake && *wake > now_ && *wake < now_ + seconds(3600);
    now_ = is_due_soon && random_.chance(30) ? *wake : now_ + DurationMs(random_.below(9000));
  }

  void print() {
    std::printf("%llu blocks, %llu transactions: %s\n", static_cast<unsigned long long>(height_),
                static_cast<unsigned long long>(executed_), to_hex(digest_.finish().bytes).c_str());
  }

 private:
  chain::VerifiedTx transaction() {
    const Deed deed = actors_.deed(*market_.snapshot(), now_);
    chain::TxBody body;
    body.chain_id = market::chain_id(genesis_);
    body.sender = address_of(deed.sender);
    body.nonce = Nonce(market_.account(body.sender).nonce.value() + waiting_[deed.sender]++);
    body.fee_limit = market_.account(body.sender).balance;
    body.valid_until = now_ + seconds(3600);
    body.operations = deed.operations;
    return chain::verify_tx(sign_repeatably(body, deed.sender), body.chain_id).value();
  }

  RandomFields random_;
  const market::Genesis genesis_;
  market::Market market_;
  Actors actors_;
  TimeMs now_ = genesis_.time;
  std::map<std::string, std::uint64_t> waiting_;
  std::uint64_t height_ = 0;
  std::uint64_t executed_ = 0;
  Sha256 digest_;
};

}  // namespace
}  // namespace bourse::test

int main(int argc, char** argv) {
  const std::uint64_t blocks = argc > 1 ? std::stoull(argv[1]) : 3000;
  bourse::test::Chain chain;
  for (std::uint64_t i = 0; i < blocks; ++i) chain.block();
  chain.print();
}
