// SPDX-License-Identifier: Apache-2.0
#include "tests/support/world.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "market/invariants.hpp"

namespace bourse::test {

using namespace market;  // NOLINT: a World is the market with a handle on it

namespace {

constexpr TimeMs kStart{1'700'000'000'000};
/// More blocks at one instant than any test needs: the chain goes round in circles.
constexpr int kBlocksAtOnceMax = 20'000;

/// Whether the fee was paid and the nonce used, whatever became of the operations.
bool was_executed(std::uint16_t error) {
  return error == 0 || find_error(error)->kind == ErrorClass::failed;
}

}  // namespace

SecretKey secret_of(std::string_view name) { return SecretKey{sha256(as_bytes(name)).bytes}; }
Address address_of(std::string_view name) { return public_key(secret_of(name)).value(); }
Hash hash_of(std::string_view word) { return sha256(as_bytes(word)); }
SecretKey consensus_seed() { return SecretKey{sha256(as_bytes("consensus")).bytes}; }

Bytes sign_repeatably(const chain::TxBody& body, const std::string& sender) {
  const Hash digest = chain::signing_digest(body);
  return encode(chain::Tx{body, schnorr_sign_message(secret_of(sender), digest.bytes, Hash{})});
}

Params free_params() {
  Params params;
  params.fee_per_byte = {};
  params.fee_per_weight = {};
  return params;
}

Genesis test_genesis(const Params& params, const std::map<std::string, std::uint64_t>& balances) {
  Genesis genesis;
  genesis.name = "test";
  genesis.time = kStart;
  genesis.params = params;
  genesis.validators = {{ed25519_public(consensus_seed()), address_of("validator")}};
  for (const auto& [name, grains] : balances) {
    genesis.accounts.push_back({address_of(name), Amount(grains)});
  }
  std::sort(genesis.accounts.begin(), genesis.accounts.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  check_genesis(genesis).value();
  return genesis;
}

World::World(Genesis genesis)
    : market_(genesis), chain_id_(market::chain_id(genesis)), now_(genesis.time) {
  market_.init_chain();
  state_ = market_.snapshot();
}

World::~World() {
  for (const std::string& what : problems_) ADD_FAILURE() << what;
}

std::uint64_t World::next_nonce(const std::string& sender) const {
  const auto found = signed_.find(sender);
  const std::uint64_t waiting = found == signed_.end() ? 0 : found->second;
  return market_.account(address_of(sender)).nonce.value() + waiting;
}

std::uint64_t World::balance(const std::string& name) const {
  return market_.account(address_of(name)).balance.value();
}

chain::VerifiedTx World::sign(const std::string& sender, std::vector<chain::Operation> operations,
                              const Envelope& envelope) {
  chain::TxBody body;
  body.chain_id = chain_id_;
  body.sender = address_of(sender);
  body.nonce = Nonce(envelope.nonce.value_or(next_nonce(sender)));
  body.fee_limit = Amount(envelope.fee_limit.value_or(kAmountMax.value()));
  body.valid_until = envelope.valid_until.value_or(now_ + seconds(3600));
  body.operations = std::move(operations);
  if (!envelope.nonce) ++signed_[sender];
  return chain::verify_tx(sign_repeatably(body, sender), chain_id_).value();
}

const chain::BlockOutcome& World::block(const std::vector<chain::VerifiedTx>& txs) {
  Made made{{1, Height(height() + 1), now_, ed25519_public(consensus_seed())}, txs};
  judge_before(made.context, txs);
  last_ = market_.finalize(made.context, made.txs);
  market_.commit();
  roots_.push_back(market_.root());
  state_ = market_.snapshot();
  signed_.clear();
  for (const Bytes& event : last_.events) events_.push_back(decode<Event>(event).value());
  judge_after(made, last_);
  blocks_.push_back(std::move(made));
  return last_;
}

void World::judge_before(const chain::BlockContext& context,
                         const std::vector<chain::VerifiedTx>& txs) {
  const auto wake = market_.wake_at();
  wanted_ = wake && *wake <= now_;
  simulated_.reset();
  foretold_.clear();
  const std::vector<chain::ParsedTx> parsed(txs.begin(), txs.end());
  for (const auto& allowed : market_.check(parsed)) {
    foretold_.push_back(allowed ? "" : allowed.error().kind);
  }
  // Alone in a block, a transaction meets the state that these two were asked about. simulate()
  // does not know when the block comes: it takes the time of the last one.
  prepared_ =
      txs.size() == 1 ? std::optional(!market_.prepare(context, txs).empty()) : std::nullopt;
  const bool is_timely = now_ == state_->time && !txs.empty() &&
                         txs[0].body().valid_until <= now_ + chain::kTxLifetimeMax;
  if (txs.size() == 1 && is_timely) simulated_ = market_.simulate(txs[0].body());
}

void World::judge_after(const Made& made, const chain::BlockOutcome& outcome) {
  for (const std::string& violation : audit(*state_)) problem(violation);
  if (outcome.receipts.size() != made.txs.size()) problem("not one receipt per transaction");
  if (roots_.size() > 1) {
    const bool has_effect = roots_.back() != roots_[roots_.size() - 2];
    if (made.txs.empty() && !wanted_ && has_effect) problem("an unwanted block has an effect");
    if (wanted_ && !has_effect) problem("a block was wanted and has no effect");
  }
  for (std::size_t i = 0; i < made.txs.size(); ++i) {
    judge_receipt(made.txs[i], foretold_[i], outcome.receipts[i]);
  }
  if (prepared_ && *prepared_ != was_executed(outcome.receipts[0].error)) {
    problem("prepare() and finalize() disagree");
  }
  if (simulated_ && (simulated_->error != outcome.receipts[0].error ||
                     simulated_->operation != outcome.receipts[0].operation ||
                     simulated_->fee != outcome.receipts[0].fee)) {
    problem("simulate() foretold error " + std::to_string(simulated_->error) + ", it was " +
            std::to_string(outcome.receipts[0].error));
  }
}

/// What can never be valid is refused at the door by the name that the receipt has, and what is
/// refused at the door is never executed.
void World::judge_receipt(const chain::VerifiedTx& tx, const std::string& foretold,
                          const chain::Receipt& receipt) {
  if (const auto weight = weigh(tx.body()); weight.has_error()) {
    if (foretold != find_error(receipt.error)->name || receipt.fee != Amount{}) {
      problem("check() says " + foretold + " of what is malformed");
    }
    if (receipt.error != static_cast<std::uint16_t>(weight.error())) {
      problem("a malformed transaction has error " + std::to_string(receipt.error));
    }
  } else if (!foretold.empty() && was_executed(receipt.error)) {
    problem("check() refused by " + foretold + " what was executed");
  }
}

void World::settle() {
  for (int i = 0; i < kBlocksAtOnceMax; ++i) {
    const auto wake = market_.wake_at();
    if (!wake || *wake > now_) return;
    block();
  }
  problem("the chain does not come to rest");
}

void World::wait(DurationMs span) {
  const TimeMs end = now_ + span;
  settle();
  for (auto wake = market_.wake_at(); wake && *wake <= end; wake = market_.wake_at()) {
    now_ = std::max(now_, *wake);
    settle();
    if (!problems_.empty()) break;
  }
  now_ = end;
  block();
}

void World::run_until_idle() {
  for (int i = 0; i < kBlocksAtOnceMax; ++i) {
    settle();
    const auto wake = market_.wake_at();
    if (!wake || !problems_.empty()) return;
    now_ = std::max(now_, *wake);
  }
  problem("the chain never goes idle");
}

void World::check_replay() {
  Market from_genesis(market_.genesis());
  from_genesis.init_chain();
  expect_same_roots(from_genesis, 0, "from the genesis");

  const std::size_t middle = blocks_.size() / 2;
  Market first_half(market_.genesis());
  first_half.init_chain();
  for (std::size_t i = 0; i < middle; ++i) {
    first_half.finalize(blocks_[i].context, blocks_[i].txs);
    first_half.commit();
  }
  Market restored(market_.genesis());
  if (const auto result = restored.restore(first_half.take_changes()); !result) {
    return problem(result.error().message);
  }
  if (restored.root() != first_half.root()) problem("a checkpoint has another root");
  expect_same_roots(restored, middle, "from a checkpoint");
}

void World::check_proofs() {
  const auto check = [&](std::string_view table, ByteView key, const std::optional<Bytes>& bytes) {
    const ProvedRecord proved = market_.prove(table, key).value();
    const auto value = bytes ? std::optional(sha256(*bytes)) : std::nullopt;
    if (proved.height != state_->height || proved.record != bytes ||
        proved.state_key != chain::state_key(table, key) ||
        !verify_state_proof(roots_.back(), proved.state_key, value, proved.proof)) {
      problem("no proof of " + std::string(table) + " " + to_hex(key));
    }
  };
  const auto check_table = [&]<class Record>(const chain::Table<Record>& table) {
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      check(Record::table, table.at(i).key().bytes, encode(table.at(i)));
    }
    typename chain::Table<Record>::Key nobody;
    nobody.bytes.fill(0xee);
    check(Record::table, nobody.bytes, std::nullopt);
  };
  std::apply([&](const auto&... tables) { (check_table(tables), ...); }, state_->tables);
}

void World::expect_same_roots(Market& other, std::size_t from, const std::string& what) {
  for (std::size_t i = from; i < blocks_.size(); ++i) {
    other.finalize(blocks_[i].context, blocks_[i].txs);
    other.commit();
    if (other.root() != roots_[i]) {
      return problem("replay " + what + " differs in block " + std::to_string(i + 1));
    }
  }
  if (other.wake_at() != market_.wake_at()) problem("replay " + what + " wakes at another time");
}

void World::problem(const std::string& what) {
  if (problems_.size() < 10) {
    problems_.push_back("block " + std::to_string(roots_.size()) + ": " + what);
  }
}

}  // namespace bourse::test
