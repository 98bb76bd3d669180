// SPDX-License-Identifier: Apache-2.0
//
// A state machine without a market, to show that chain/ needs none: accounts that pay each other,
// and alarms that ring when their time comes. Everything is kept whole and copied per block.
#pragma once

#include <map>
#include <mutex>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "chain/state_machine.hpp"

namespace bourse::test {

using namespace bourse::chain;

inline constexpr Amount kToyFee{10};
inline constexpr Amount kToyBalance{1'000'000};

enum ToyOperation : std::uint16_t { toy_pay = 1, toy_alarm = 2 };
enum ToyError : std::uint16_t { toy_ok = 0, toy_malformed = 1, toy_too_poor = 2 };

struct ToyPay {
  Address to;
  Amount amount;
  static constexpr auto fields() {
    return std::tuple{field("to", &ToyPay::to, "Who is paid."),
                      field("amount", &ToyPay::amount, "How much.")};
  }
};

struct ToyAlarm {
  TimeMs at;
  static constexpr auto fields() {
    return std::tuple{field("at", &ToyAlarm::at, "When it rings.")};
  }
};

struct ToyAccount {
  Address address;
  Nonce nonce;
  Amount balance;
  static constexpr auto fields() {
    return std::tuple{field("address", &ToyAccount::address, "Whose it is."),
                      field("nonce", &ToyAccount::nonce, "Transactions so far."),
                      field("balance", &ToyAccount::balance, "Grains.")};
  }
};

struct ToyState {
  std::vector<ToyAccount> accounts;
  std::vector<TimeMs> alarms;
  Amount burned;
  std::uint64_t rung = 0;
  static constexpr auto fields() {
    return std::tuple{field("accounts", &ToyState::accounts, "In order of creation."),
                      field("alarms", &ToyState::alarms, "Not yet rung, in order of creation."),
                      field("burned", &ToyState::burned, "Fees."),
                      field("rung", &ToyState::rung, "How many alarms have rung.")};
  }

  ToyAccount& account(const Address& address) {
    for (ToyAccount& account : accounts) {
      if (account.address == address) return account;
    }
    return accounts.emplace_back(ToyAccount{address, {}, {}});
  }
};

class ToyMachine : public StateMachine {
 public:
  /// These accounts start with kToyBalance each.
  explicit ToyMachine(std::vector<Address> rich) : rich_(std::move(rich)) {}

  void init_chain() override {
    pending_ = {};
    for (const Address& address : rich_) pending_.account(address).balance = kToyBalance;
    publish();
  }

  std::vector<Result<void>> check(std::span<const ParsedTx> txs) const override {
    std::vector<Result<void>> out(txs.size());
    for (std::size_t i = 0; i < txs.size(); ++i) {
      for (const Operation& operation : txs[i].body().operations) {
        if (operation.type == toy_pay || operation.type == toy_alarm) continue;
        out[i] = Error{"toy_operation_unknown", "the toy pays and rings, and nothing else"};
      }
    }
    return out;
  }

  std::vector<AccountView> accounts(std::span<const Address> addresses) const override {
    const std::lock_guard lock(mutex_);
    ToyState copy = committed_;
    std::vector<AccountView> out;
    for (const Address& address : addresses) {
      const ToyAccount& account = copy.account(address);
      out.push_back({account.nonce, account.balance});
    }
    return out;
  }

  std::vector<VerifiedTx> prepare(const BlockContext& context,
                                  std::vector<VerifiedTx> candidates) override {
    ToyState state = committed();
    std::vector<VerifiedTx> out;
    for (VerifiedTx& tx : candidates) {
      ToyAccount& sender = state.account(tx.body().sender);
      if (tx.body().nonce != sender.nonce || tx.body().valid_until < context.time) continue;
      if (sender.balance < kToyFee) continue;
      sender.balance -= kToyFee;
      sender.nonce += Nonce(1);
      out.push_back(std::move(tx));
    }
    return out;
  }

  BlockOutcome finalize(const BlockContext& context, std::span<const VerifiedTx> txs) override {
    CHECK(!std::exchange(is_undecided_, true));
    pending_ = committed();
    BlockOutcome out;
    for (const VerifiedTx& tx : txs) {
      ToyAccount& sender = pending_.account(tx.body().sender);
      CHECK(sender.nonce == tx.body().nonce);
      sender.nonce += Nonce(1);
      sender.balance -= kToyFee;
      pending_.burned += kToyFee;
      out.receipts.push_back(execute(tx));
    }
    std::erase_if(pending_.alarms, [&](TimeMs at) {
      if (at > context.time) return false;
      out.events.push_back(encode(at));
      ++pending_.rung;
      return true;
    });
    out.receipts_root = receipts_root(out.receipts, out.events);
    out.changed = encode(pending_) != encode(committed());
    return out;
  }

  Hash root() override { return tagged_hash("toy", encode(committed())); }

  void commit() override {
    CHECK(std::exchange(is_undecided_, false));
    publish();
  }
  void give_up() override { CHECK(std::exchange(is_undecided_, false)); }

  std::optional<TimeMs> wake_at() const override {
    const ToyState state = committed();
    if (state.alarms.empty()) return std::nullopt;
    return *std::min_element(state.alarms.begin(), state.alarms.end());
  }

  Rows take_changes() override {
    return [all = encode(committed())](const RowSink& sink) { return sink(as_bytes("all"), all); };
  }

  Result<void> restore(const Rows& rows) override {
    return rows([this](ByteView, ByteView all) -> Result<void> {
      auto state = decode<ToyState>(all);
      if (!state) return Error{"checkpoint_corrupt", "the row is no toy state"};
      pending_ = std::move(*state);
      publish();
      return {};
    });
  }

  ToyState committed() const {
    const std::lock_guard lock(mutex_);
    return committed_;
  }

 private:
  void publish() {
    const std::lock_guard lock(mutex_);
    committed_ = pending_;
  }

  /// The operations of one transaction, all or none.
  Receipt execute(const VerifiedTx& tx) {
    const ToyState before = pending_;
    Receipt receipt{tx.id(), toy_ok, 0, kToyFee};
    for (const Operation& operation : tx.body().operations) {
      receipt.error = execute(tx.body().sender, operation);
      if (receipt.error != toy_ok) {
        pending_ = before;
        return receipt;
      }
      ++receipt.operation;
    }
    receipt.operation = 0;
    return receipt;
  }

  std::uint16_t execute(const Address& sender, const Operation& operation) {
    if (operation.type == toy_alarm) {
      const auto alarm = decode<ToyAlarm>(operation.body);
      if (!alarm) return toy_malformed;
      pending_.alarms.push_back(alarm->at);
      return toy_ok;
    }
    const auto pay = decode<ToyPay>(operation.body);
    if (!pay) return toy_malformed;
    if (pending_.account(sender).balance < pay->amount) return toy_too_poor;
    pending_.account(sender).balance -= pay->amount;
    pending_.account(pay->to).balance += pay->amount;
    return toy_ok;
  }

  std::vector<Address> rich_;
  ToyState pending_;
  bool is_undecided_ = false;  // whether it is that of a block to commit or to give up
  mutable std::mutex mutex_;
  ToyState committed_;
};

/// A user of the toy: signs with a key made of one number.
struct ToyUser {
  SecretKey key;
  Address address;

  explicit ToyUser(std::uint8_t number) {
    key.bytes[31] = number;
    address = public_key(key).value();
  }

  TxBody body(const Hash& chain_id, std::uint64_t nonce, TimeMs valid_until,
              Operation operation) const {
    return {kTxVersion, chain_id, address, Nonce(nonce), Amount(100), valid_until, {operation}};
  }
  static Operation pay(const Address& to, std::uint64_t amount) {
    return {toy_pay, encode(ToyPay{to, Amount(amount)})};
  }
  static Operation alarm(TimeMs at) { return {toy_alarm, encode(ToyAlarm{at})}; }
};

}  // namespace bourse::test
