// SPDX-License-Identifier: Apache-2.0
#include "market/market.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/execute.hpp"
#include "market/invariants.hpp"
#include "market/matcher.hpp"
#include "market/timers.hpp"

namespace bourse::market {
namespace {

constexpr std::uint64_t kNever = UINT64_MAX;
constexpr std::uint64_t kRecordsPerPiece = 1024;

/// Where the fees of a block go: the proposer's account, or the first validator's when the proposer
/// is not known.
Address fee_account(const Globals& globals, const ConsensusKey& proposer) {
  for (const Validator& validator : globals.validators) {
    if (validator.key == proposer) return validator.account;
  }
  return globals.validators.front().account;
}

Error corrupt(std::string why) { return Error{"checkpoint_corrupt", "checkpoint: " + why}; }

template <class Record>
void save_table(const chain::Table<Record>& table, const std::function<void(Bytes)>& sink) {
  for (std::uint32_t start = 0; start < table.size(); start += kRecordsPerPiece) {
    CborWriter out;
    const auto count = std::min<std::uint64_t>(kRecordsPerPiece, table.size() - start);
    out.array(count + 1);
    out.text(Record::table);
    for (std::uint32_t i = 0; i < count; ++i) write(out, table.at(start + i));
    sink(out.take());
  }
}

template <class Record>
Result<void> restore_records(chain::Table<Record>& table, CborReader& in, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    Record record{};
    read(in, record);
    if (!in.ok()) break;
    if (table.get(record.key())) return corrupt("a record stands twice");
    table.insert(std::move(record));
  }
  if (!in.finished()) return corrupt("a piece is not canonical");
  return {};
}

/// A piece is the array of a table's name and some of its records.
Result<void> restore_piece(State& state, ByteView piece) {
  CborReader in(piece);
  const std::uint64_t items = in.array();
  const std::string_view name = in.text();
  Result<void> result = corrupt("a piece is of no known table");
  const auto try_table = [&]<class Record>(chain::Table<Record>& table) {
    if (in.ok() && name == Record::table) result = restore_records(table, in, items - 1);
  };
  std::apply([&](auto&... tables) { (try_table(tables), ...); }, state.tables);
  return result;
}

}  // namespace

Market::Market(Genesis genesis) : genesis_(std::move(genesis)), wake_at_ms_(kNever) {}

void Market::init_chain() {
  state_ = State{};
  Globals globals;
  globals.params = genesis_.params;
  globals.validators = genesis_.validators;
  globals.supply = supply(genesis_);
  state_.table<Globals>().insert(globals);
  for (const GenesisAccount& account : genesis_.accounts) {
    state_.table<Account>().insert({account.address, Nonce{}, account.balance});
  }
  state_.time = genesis_.time;
  CHECK(audit(state_).empty());
  start_from_state();
}

/// Derives from the records what is not stored, and publishes.
void Market::start_from_state() {
  indexes_ = Indexes::of(state_);
  publish();
  commitment_.rebuild(snapshot());
}

Result<Amount> Market::check(const chain::VerifiedTx& tx) const {
  const auto weight = weigh(tx.body());
  if (weight.has_error()) return to_error(weight.error());
  const auto state = snapshot();
  const Params& params = state->globals().params;
  const auto due = fee(params, tx.raw().size(), *weight);
  if (!due || tx.body().fee_limit < *due) {
    Error error = to_error(TxError::fee_limit_too_low);
    if (due) error.message += " It is " + std::to_string(due->value()) + " grains.";
    return error;
  }
  if (*weight > params.block_weight_max) {
    return Error{"tx_too_heavy", "the operations weigh more than a block may; split them"};
  }
  return *due;
}

chain::AccountView Market::account(const Address& address) const {
  const Account* account = snapshot()->get<Account>(address);
  if (!account) return {};
  return {account->nonce, account->balance};
}

std::vector<chain::VerifiedTx> Market::prepare(const chain::BlockContext& context,
                                               std::vector<chain::VerifiedTx> candidates) const {
  // Only what does not depend on execution is looked at here; a transaction that turns out not to
  // be admissible is left out by the trial below.
  const auto committed = snapshot();
  State trial = *committed;
  Indexes unused;
  trial.height = context.height;
  trial.time = context.time;
  Context step(trial, unused);
  std::vector<chain::VerifiedTx> out;
  std::uint64_t bytes = 0;
  std::uint64_t weight = 0;
  const Params& params = trial.globals().params;
  for (chain::VerifiedTx& tx : candidates) {
    const auto due = admit(trial, tx.body(), tx.raw().size());
    if (due.has_error()) continue;
    const std::uint64_t own_weight = *weigh(tx.body());
    bytes += tx.raw().size();
    weight += own_weight;
    if (bytes > params.block_bytes_max || weight > params.block_weight_max) break;
    // The fee is what every transaction moves for certain: the next one of this sender is judged by
    // what is left. Its operations may still empty the account; then it fails in finalize.
    Account& sender = step.edit<Account>(tx.body().sender);
    sender.balance -= *due;
    sender.nonce = sender.nonce + Nonce(1);
    out.push_back(std::move(tx));
  }
  return out;
}

chain::BlockOutcome Market::finalize(const chain::BlockContext& block,
                                     std::span<const chain::VerifiedTx> txs) {
  if (const auto committed = snapshot(); committed->height != state_.height) {
    // The engine gave the last block up; start again from what was committed.
    state_ = *committed;
    indexes_ = Indexes::of(state_);
  }
  CHECK(block.height == state_.height + Height(1));
  const TimeMs previous_clock = state_.clock();
  state_.height = block.height;
  state_.time = block.time;
  Context context(state_, indexes_);
  adjust_clock(context, previous_clock);
  const Address fee_to = fee_account(state_.globals(), block.proposer);
  chain::BlockOutcome outcome;
  for (const chain::VerifiedTx& tx : txs) {
    const auto due = admit(state_, tx.body(), tx.raw().size());
    if (due.has_error()) {
      // An earlier transaction of the block took the money or the turn: no effect and no fee.
      outcome.receipts.push_back({tx.id(), static_cast<std::uint16_t>(due.error()), 0, Amount{}});
      continue;
    }
    outcome.receipts.push_back(execute(context, tx.body(), tx.id(), *due, fee_to));
  }
  fire_timers(context);
  match(context, state_, [this] { return root(); });
  for (const Event& event : context.take_events()) outcome.events.push_back(encode(event));
  if (!outcome.receipts.empty() || !outcome.events.empty()) {
    context.edit<Globals>(Globals::key()).receipts_root =
        chain::receipts_root(outcome.receipts, outcome.events);
    context.accept_match();
  }
  changes_ = context.changes();
  std::apply([&](const auto&... changed) { outcome.changed = (!changed.handles.empty() || ...); },
             changes_);
  return outcome;
}

Hash Market::root() { return commitment_.root(); }

void Market::commit() {
  publish();
  commitment_.follow(snapshot(), std::move(changes_));
}

void Market::publish() {
  std::atomic_store(&published_, std::make_shared<const State>(state_));
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

void Market::save(const std::function<void(Bytes piece)>& sink) const {
  const auto state = snapshot();
  CborWriter head;
  head.array(2);
  write(head, state->height);
  write(head, state->time);
  sink(head.take());
  std::apply([&](const auto&... tables) { (save_table(tables, sink), ...); }, state->tables);
}

Result<void> Market::restore(std::span<const Bytes> pieces) {
  if (pieces.empty()) return corrupt("it is empty");
  State state;
  CborReader head(pieces[0]);
  if (head.array() != 2) return corrupt("its head is damaged");
  read(head, state.height);
  read(head, state.time);
  if (!head.finished()) return corrupt("its head is damaged");
  for (const Bytes& piece : pieces.subspan(1)) TRY(restore_piece(state, piece));
  if (state.table<Globals>().size() != 1) return corrupt("it has no globals");
  for (const std::string& violation : audit(state)) return corrupt(violation);
  state_ = std::move(state);
  start_from_state();
  return {};
}

Simulation Market::simulate(const chain::TxBody& body) const {
  // Held while the trial lives: a reference into a page that the trial then copies stays good.
  const auto committed = snapshot();
  State trial = *committed;
  // Nothing that a transaction does asks the indexes, and this trial ends with it.
  Indexes unused;
  trial.height = trial.height + Height(1);
  Context context(trial, unused);
  Simulation out;
  const Bytes raw = encode(chain::Tx{body, {}});
  // The last block of an idle chain may be days old: measured from it, no expiry is too far.
  chain::TxBody timely = body;
  timely.valid_until = std::min(body.valid_until, trial.time + chain::kTxLifetimeMax);
  const auto due = admit(trial, timely, raw.size());
  if (due.has_error()) {
    out.error = static_cast<std::uint16_t>(due.error());
    return out;
  }
  const chain::Receipt receipt =
      execute(context, body, Hash{}, *due, trial.globals().validators.front().account);
  out.error = receipt.error;
  out.operation = receipt.operation;
  out.fee = receipt.fee;
  out.events = context.take_events();
  return out;
}

}  // namespace bourse::market
