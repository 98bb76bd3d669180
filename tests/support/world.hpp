// SPDX-License-Identifier: Apache-2.0
//
// A market without an engine: tests make the blocks and move the time. Everything is signed and
// verified for real. Every block is judged by the laws that hold of all of them, so a test that
// drives a World tests those laws too, whatever it is about.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "market/market.hpp"

namespace bourse::test {

/// The account of that name: its secret is the SHA-256 of the name.
SecretKey secret_of(std::string_view name);
Address address_of(std::string_view name);
/// A hash to stand for a digest, a runtime or a salt: the SHA-256 of the word.
Hash hash_of(std::string_view word);
/// The seed that the test chain's only validator signs blocks and storage receipts with.
SecretKey consensus_seed();

/// The transaction signed without fresh randomness, so that its id is the same in every run: roots
/// hang on ids, and the order of matching hangs on roots.
Bytes sign_repeatably(const chain::TxBody& body, const std::string& sender);

/// The default parameters with free transactions, so that balances stay readable.
market::Params free_params();

/// A genesis with these balances. The validator's fees go to the account "validator".
market::Genesis test_genesis(const market::Params& params,
                             const std::map<std::string, std::uint64_t>& balances);

/// What differs from a transaction that nobody would object to.
struct Envelope {
  std::optional<std::uint64_t> nonce = {};
  std::optional<std::uint64_t> fee_limit = {};
  std::optional<TimeMs> valid_until = {};
};

class World {
 public:
  explicit World(market::Genesis genesis);
  /// A broken law that no test has taken with take_problems() fails the test.
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// A signed transaction with the sender's next nonce, counting those signed since the last block.
  chain::VerifiedTx sign(const std::string& sender, std::vector<chain::Operation> operations,
                         const Envelope& envelope = {});

  /// Makes a block at now().
  const chain::BlockOutcome& block(const std::vector<chain::VerifiedTx>& txs = {});

  /// One operation in a block of its own. Returns the receipt's error.
  template <market::TxType T>
  std::uint16_t run(const std::string& sender, const T& tx) {
    return block({sign(sender, {market::to_operation(tx)})}).receipts.at(0).error;
  }
  /// The id of the object that the sender's next transaction creates with its first operation.
  template <class Id>
  Id next_id(const std::string& sender) const {
    return Id{market::object_id(address_of(sender), Nonce(next_nonce(sender)), 0).bytes};
  }

  /// Makes empty blocks until the chain has nothing to do at this instant.
  void settle();
  /// Lets time pass on a living chain, which makes a block whenever it wants one.
  void wait(DurationMs span);
  /// Lets time pass without a block, as when the validator is down.
  void skip(DurationMs span) { now_ = now_ + span; }
  /// Jumps from one instant at which the chain wants a block to the next, until there is none.
  void run_until_idle();

  TimeMs now() const { return now_; }
  market::Market& market() { return market_; }
  const market::Market& market() const { return market_; }
  const market::State& state() const { return *state_; }
  std::uint64_t balance(const std::string& name) const;
  std::uint64_t next_nonce(const std::string& sender) const;
  /// Events since the last call.
  std::vector<market::Event> take_events() { return std::move(events_); }
  std::vector<std::string> take_problems() { return std::move(problems_); }
  /// Roots after each block.
  const std::vector<Hash>& roots() const { return roots_; }
  std::uint64_t height() const { return roots_.size(); }

  /// Executes all blocks again, from the genesis and from a checkpoint taken in the middle: both
  /// must come to the same roots.
  void check_replay();
  /// Proves every record, and the absence of one in every table, against the last root.
  void check_proofs();

 private:
  struct Made {
    chain::BlockContext context;
    std::vector<chain::VerifiedTx> txs;
  };

  void judge_before(const chain::BlockContext& context, const std::vector<chain::VerifiedTx>& txs);
  void judge_after(const Made& made, const chain::BlockOutcome& outcome);
  void judge_receipt(const chain::VerifiedTx& tx, const std::string& foretold,
                     const chain::Receipt& receipt);
  void expect_same_roots(market::Market& other, std::size_t from, const std::string& what);
  void problem(const std::string& what);

  market::Market market_;
  Hash chain_id_;
  TimeMs now_;
  std::shared_ptr<const market::State> state_;
  std::map<std::string, std::uint64_t> signed_;
  std::vector<Made> blocks_;
  std::vector<Hash> roots_;
  chain::BlockOutcome last_;
  std::vector<market::Event> events_;
  std::vector<std::string> problems_;

  // What the chain foretold of the block that is being made.
  bool wanted_ = false;
  std::vector<std::string> foretold_;
  std::optional<bool> prepared_;
  std::optional<market::Simulation> simulated_;
};

}  // namespace bourse::test
