// SPDX-License-Identifier: Apache-2.0
#include "market/market.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/id_hash.hpp"
#include "market/invariants.hpp"
#include "market/matcher.hpp"
#include "market/needed.hpp"
#include "market/timers.hpp"

namespace bourse::market {
namespace {

constexpr std::uint64_t kNever = UINT64_MAX;
/// So many transactions have their records fetched together.
constexpr std::size_t kTogether = 16;

/// Those of these that are fetched with the one at `first`.
template <class T>
std::span<const T> next_of(std::span<const T> all, std::size_t first) {
  return all.subspan(first, std::min(kTogether, all.size() - first));
}

void fetch_senders(const State& state, std::span<const chain::VerifiedTx> txs) {
  Needed needed;
  for (const chain::VerifiedTx& tx : txs) needed.add(tx.body().sender);
  needed.fetch(state);
}

Result<void> check_one(const Params& params, const chain::ParsedTx& tx) {
  const auto weight = weigh(tx.body());
  if (weight.has_error()) return to_error(weight.error());
  const auto due = fee(params, tx.raw().size(), *weight);
  if (!due || tx.body().fee_limit < *due) {
    Error error = to_error(TxError::fee_limit_too_low);
    if (due) error.message += " It is " + std::to_string(due->value()) + " grains.";
    return error;
  }
  if (*weight > params.block_weight_max) {
    return Error{"tx_too_heavy", "the operations weigh more than a block may; split them"};
  }
  return {};
}

/// Where the fees of a block go: the proposer's account, or the first validator's when the proposer
/// is not known.
Address fee_account(const Globals& globals, const ConsensusKey& proposer) {
  for (const Validator& validator : globals.validators) {
    if (validator.key == proposer) return validator.account;
  }
  return globals.validators.front().account;
}

bool has_any(const Changes& changes) {
  return std::apply([](const auto&... changed) { return (!changed.handles.empty() || ...); },
                    changes);
}

}  // namespace

Market::Market(Genesis genesis) : genesis_(std::move(genesis)), wake_at_ms_(kNever) {}

void Market::init_chain() {
  State state;
  Globals globals;
  globals.params = genesis_.params;
  globals.validators = genesis_.validators;
  globals.supply = supply(genesis_);
  state.table<Globals>().insert(globals);
  for (const GenesisAccount& account : genesis_.accounts) {
    state.table<Account>().insert({account.address, Nonce{}, account.balance});
  }
  state.time = genesis_.time;
  CHECK(start_from(std::move(state)).has_value());
  unsaved_.add_all(state_);
}

/// Becomes the state if it keeps the laws. While that is looked at and what is not stored is
/// derived from the records, the tree is being made.
Result<void> Market::start_from(State state) {
  auto shared = std::make_shared<const State>(state);
  commitment_.rebuild(shared);
  for (const std::string& violation : audit(state)) {
    return Error{"checkpoint_corrupt", "checkpoint: " + violation};
  }
  state_ = std::move(state);
  indexes_ = Indexes::of(state_);
  unsaved_ = {};
  publish(std::move(shared));
  return {};
}

std::vector<Result<void>> Market::check(std::span<const chain::ParsedTx> txs) const {
  const auto state = snapshot();
  const Params& params = state->globals().params;
  std::vector<Result<void>> out;
  out.reserve(txs.size());
  for (const chain::ParsedTx& tx : txs) out.push_back(check_one(params, tx));
  return out;
}

std::vector<chain::AccountView> Market::accounts(std::span<const Address> addresses) const {
  // Held while the records are read: a commit in between may free their pages.
  const auto state = snapshot();
  const chain::Table<Account>& table = state->table<Account>();
  std::vector<chain::AccountView> out;
  out.reserve(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (i % kTogether == 0) table.fetch(next_of(addresses, i));
    const Account* account = table.get(addresses[i]);
    out.push_back(account ? chain::AccountView{account->nonce, account->balance}
                          : chain::AccountView{});
  }
  return out;
}

std::vector<chain::VerifiedTx> Market::prepare(const chain::BlockContext& context,
                                               std::vector<chain::VerifiedTx> candidates) {
  // The fee is what every transaction moves for certain: the next one of this sender is judged by
  // what is left. Operations may still empty an account; then the transaction fails in finalize.
  const auto committed = snapshot();
  const Params& params = committed->globals().params;
  boost::unordered_flat_map<Address, Account, IdHash> senders;
  senders.reserve(candidates.size());
  std::vector<chain::VerifiedTx> out;
  out.reserve(candidates.size());
  std::uint64_t bytes = 0;
  std::uint64_t weight = 0;
  prepared_.clear();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i % kTogether == 0) {
      fetch_senders(*committed, next_of(std::span(std::as_const(candidates)), i));
    }
    chain::VerifiedTx& tx = candidates[i];
    const Account* account = committed->get<Account>(tx.body().sender);
    auto operations = decode_operations(tx.body());
    if (!account || !operations) continue;
    Account& sender = senders.try_emplace(account->address, *account).first->second;
    const auto due =
        admit(params, context.time, tx.body(), tx.raw().size(), operations->weight, &sender);
    if (due.has_error()) continue;
    bytes += tx.raw().size();
    weight += operations->weight;
    if (bytes > params.block_bytes_max || weight > params.block_weight_max) break;
    sender.balance -= *due;
    sender.nonce += Nonce(1);
    prepared_.emplace_back(tx.id(), std::move(*operations));
    out.push_back(std::move(tx));
  }
  return out;
}

TxResult<Operations> Market::take_operations(const chain::VerifiedTx& tx) {
  if (prepared_.empty() || prepared_.front().first != tx.id()) return decode_operations(tx.body());
  Operations operations = std::move(prepared_.front().second);
  prepared_.pop_front();
  return operations;
}

/// The operations of the next transactions, whose records are brought near.
std::vector<TxResult<Operations>> Market::take_operations(std::span<const chain::VerifiedTx> txs) {
  std::vector<TxResult<Operations>> out;
  Needed needed;
  for (const chain::VerifiedTx& tx : txs) {
    out.push_back(take_operations(tx));
    needed.add(tx.body().sender);
    if (!out.back()) continue;
    for (const AnyTx& operation : out.back()->list) needed.add(operation);
  }
  needed.fetch(state_);
  return out;
}

/// One transaction of a block. What cannot be admitted, because an earlier one took the money or
/// the turn, has no effect and pays no fee.
chain::Receipt Market::run(Context& context, const chain::VerifiedTx& tx,
                           const TxResult<Operations>& operations, std::uint32_t item,
                           const Address& fee_to) {
  const auto refused = [&](TxError error) {
    return chain::Receipt{tx.id(), static_cast<std::uint16_t>(error), 0, Amount{}};
  };
  if (operations.has_error()) return refused(operations.error());
  const auto due = admit(context.params(), context.block_time(), tx.body(), tx.raw().size(),
                         operations->weight, context.get<Account>(tx.body().sender));
  if (due.has_error()) return refused(due.error());
  return execute(context, tx.body(), *operations, tx.id(), item, *due, fee_to);
}

chain::BlockOutcome Market::finalize(const chain::BlockContext& block,
                                     std::span<const chain::VerifiedTx> txs) {
  CHECK(!next_ && block.height == state_.height + Height(1));
  const TimeMs previous_clock = state_.clock();
  state_.height = block.height;
  state_.time = block.time;
  Context context(state_, indexes_);
  adjust_clock(context, previous_clock);
  const Address fee_to = fee_account(state_.globals(), block.proposer);
  chain::BlockOutcome outcome;
  std::vector<TxResult<Operations>> operations;
  for (std::uint32_t i = 0; i < txs.size(); ++i) {
    if (i % kTogether == 0) operations = take_operations(next_of(txs, i));
    outcome.receipts.push_back(run(context, txs[i], operations[i % kTogether], i, fee_to));
  }
  fire_timers(context);
  match(context, state_, [this] { return root(); });
  outcome.mentions = context.take_mentions();
  for (const Event& event : context.take_events()) {
    const auto item = static_cast<std::uint32_t>(txs.size() + outcome.events.size());
    if (event.job) outcome.mentions.push_back({subject_of(*event.job), item});
    if (event.account) outcome.mentions.push_back({subject_of(*event.account), item});
    outcome.events.push_back(encode(event));
  }
  outcome.receipts_root = chain::receipts_root(outcome.receipts, outcome.events);
  if (!outcome.receipts.empty() || !outcome.events.empty()) {
    context.edit<Globals>(Globals::key()).receipts_root = outcome.receipts_root;
    context.accept_match();
  }
  changes_ = context.changes();
  outcome.changed = has_any(changes_);
  next_ = std::make_shared<const State>(state_);
  // A block in which nothing changes may well be given up, and then costs nothing.
  if (outcome.changed) commitment_.follow(next_, changes_);
  return outcome;
}

Hash Market::root() { return commitment_.root(snapshot()->height); }

void Market::commit() {
  if (!has_any(changes_)) commitment_.follow(next_, {});
  publish(std::exchange(next_, nullptr));
  unsaved_.add(changes_);
  commitment_.confirm();
}

void Market::give_up() {
  next_.reset();
  const auto committed = snapshot();
  state_ = *committed;
  if (!has_any(changes_)) return;
  indexes_ = Indexes::of(state_);
  commitment_.rebuild(committed);
}

void Market::publish(std::shared_ptr<const State> state) {
  std::atomic_store(&published_, std::move(state));
  std::optional<TimeMs> wake = next_timer(state_, indexes_);
  const Globals& globals = state_.globals();
  if (globals.match_pending || !globals.cursor_task.is_zero()) wake = TimeMs{};
  wake_at_ms_ = wake ? wake->value() : kNever;
}

std::optional<TimeMs> Market::wake_at() const {
  const std::uint64_t at = wake_at_ms_;
  if (at == kNever) return std::nullopt;
  return TimeMs(at);
}

std::shared_ptr<const State> Market::snapshot() const { return std::atomic_load(&published_); }

chain::Rows Market::take_changes() { return std::exchange(unsaved_, {}).rows(snapshot()); }

Result<void> Market::restore(const chain::Rows& rows) {
  TRY_ASSIGN(State state, restore_state(rows));
  return start_from(std::move(state));
}

Simulation Market::simulate(const chain::TxBody& body) const {
  // Held while the trial lives: a reference into a page that the trial then copies stays good.
  const auto committed = snapshot();
  State trial = committed->branch();
  // Nothing that a transaction does asks the indexes, and this trial ends with it.
  Indexes unused;
  trial.height = trial.height + Height(1);
  Context context(trial, unused);
  Simulation out;
  const Bytes raw = encode(chain::Tx{body, {}});
  // The last block of an idle chain may be days old: measured from it, no expiry is too far.
  chain::TxBody timely = body;
  timely.valid_until = std::min(body.valid_until, trial.time + chain::kTxLifetimeMax);
  const auto refuse = [&](TxError error) {
    out.error = static_cast<std::uint16_t>(error);
    return out;
  };
  const auto operations = decode_operations(body);
  if (operations.has_error()) return refuse(operations.error());
  const auto due = admit(context.params(), trial.time, timely, raw.size(), operations->weight,
                         trial.get<Account>(body.sender));
  if (due.has_error()) return refuse(due.error());
  const chain::Receipt receipt = execute(context, body, *operations, Hash{}, 0, *due,
                                         trial.globals().validators.front().account);
  out.error = receipt.error;
  out.operation = receipt.operation;
  out.fee = receipt.fee;
  out.events = context.take_events();
  return out;
}

}  // namespace bourse::market
