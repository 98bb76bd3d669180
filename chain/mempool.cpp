// SPDX-License-Identifier: Apache-2.0
#include "chain/mempool.hpp"

namespace bourse::chain {
namespace {

std::string text(auto quantity) { return std::to_string(quantity.value()); }

bool pays_for_replacement(Amount offered, Amount replaced) {
  using Wide = unsigned __int128;
  return Wide{offered.value()} * 100 >= Wide{replaced.value()} * kReplacementPercent;
}

Error nonce_too_low(const AccountView& account) {
  return {"nonce_too_low", "the account's next nonce is " + text(account.nonce)};
}

Error already_waiting() {
  return {"tx_already_waiting", "the transaction already waits for a block"};
}

Error too_poor(const AccountView& account) {
  return {"balance_too_low_for_fee", "the balance of " + text(account.balance) +
                                         " grains does not cover the fee limits of the account's "
                                         "waiting transactions"};
}

}  // namespace

template <class Tx>
Mempool::Accounts Mempool::accounts_of(std::span<const Tx> txs) const {
  std::vector<Address> senders;
  senders.reserve(txs.size());
  for (const Tx& tx : txs) senders.push_back(tx.body().sender);
  // Counted before they are read: a block in between makes them look older than they are.
  const std::uint64_t blocks = blocks_;
  return {accounts_(senders), blocks};
}

Mempool::Screening Mempool::screen(std::span<const ParsedTx> txs, TimeMs now) const {
  Screening out{{}, accounts_of(txs)};
  const std::lock_guard lock(mutex_);
  if (out.seen.blocks != blocks_) out.seen = accounts_of(txs);
  out.results.reserve(txs.size());
  for (std::size_t i = 0; i < txs.size(); ++i) {
    out.results.push_back(screen_one(txs[i], out.seen.views[i], now));
  }
  return out;
}

std::vector<Result<void>> Mempool::add(std::vector<VerifiedTx> txs, TimeMs now,
                                       std::optional<Accounts> seen) {
  const std::lock_guard lock(mutex_);
  if (!seen || seen->blocks != blocks_) seen = accounts_of(std::span<const VerifiedTx>(txs));
  CHECK(seen->views.size() == txs.size());
  std::vector<Result<void>> out;
  out.reserve(txs.size());
  for (std::size_t i = 0; i < txs.size(); ++i) {
    out.push_back(add_one(std::move(txs[i]), seen->views[i], now));
  }
  return out;
}

Result<void> Mempool::screen_one(const ParsedTx& tx, const AccountView& account, TimeMs now) const {
  if (ids_.contains(tx.id())) return already_waiting();
  if (tx.body().nonce < account.nonce) return nonce_too_low(account);
  TRY(check_time(tx, now));
  if (tx.body().fee_limit > account.balance) return too_poor(account);
  return check_room(ids_.size(), bytes_ + tx.raw().size());
}

Result<void> Mempool::add_one(VerifiedTx tx, const AccountView& account, TimeMs now) {
  if (tx.body().nonce < account.nonce) return nonce_too_low(account);
  TRY(check_time(tx, now));
  const auto at = senders_.try_emplace(tx.body().sender).first;
  Sender& sender = at->second;
  settle(sender, account);
  const std::uint64_t place = (tx.body().nonce - account.nonce).value();
  auto checked = check_place(tx, account, sender, place);
  if (checked) insert(sender, place, std::move(tx));
  if (sender.queue.empty()) senders_.erase(at);
  return checked;
}

Result<void> Mempool::check_time(const ParsedTx& tx, TimeMs now) const {
  const TxBody& body = tx.body();
  if (body.valid_until < now) {
    return Error{"tx_expired", "valid_until is past; sign the transaction again with a later one"};
  }
  if (elapsed(now, body.valid_until) > kTxLifetimeMax) {
    return Error{"valid_until_too_far", "valid_until is more than " + text(kTxLifetimeMax) +
                                            " ms ahead of the block time " + text(now)};
  }
  return {};
}

Result<void> Mempool::check_room(std::size_t waiting, std::size_t bytes) const {
  if (waiting < limits_.transactions && bytes <= limits_.bytes) return {};
  return Error{"mempool_full", "too many transactions wait for a block; try again in a moment"};
}

Result<void> Mempool::check_place(const VerifiedTx& tx, const AccountView& account,
                                  const Sender& sender, std::size_t place) const {
  const std::size_t waiting = sender.queue.size();
  if (place > waiting) {
    return Error{"nonce_gap", "the next nonce of this account, with those that wait, is " +
                                  text(account.nonce + Nonce(waiting))};
  }
  if (place >= limits_.per_account) {
    return Error{"account_queue_full", "the account has " + std::to_string(waiting) +
                                           " transactions waiting; send more after the next block"};
  }
  const TxBody& body = tx.body();
  const bool replaces = place < waiting;
  const VerifiedTx* replaced = replaces ? &at(sender.queue[place]) : nullptr;
  if (replaces && replaced->id() == tx.id()) return already_waiting();
  if (replaces && !pays_for_replacement(body.fee_limit, replaced->body().fee_limit)) {
    return Error{"replacement_underpriced",
                 "a transaction with this nonce waits; to replace it offer a fee limit of " +
                     std::to_string(kReplacementPercent) + " % of its " +
                     text(replaced->body().fee_limit) + " grains"};
  }
  const Amount others =
      replaces ? sender.fee_limits - replaced->body().fee_limit : sender.fee_limits;
  const auto total = checked_add(others, body.fee_limit);
  if (!total || *total > account.balance) return too_poor(account);
  const std::size_t freed = replaces ? replaced->raw().size() : 0;
  return check_room(ids_.size() - (replaces ? 1 : 0), bytes_ - freed + tx.raw().size());
}

void Mempool::insert(Sender& sender, std::size_t place, VerifiedTx tx) {
  earliest_expiry_ = std::min(earliest_expiry_, tx.body().valid_until);
  sender.fee_limits += tx.body().fee_limit;
  ids_.insert(tx.id());
  bytes_ += tx.raw().size();
  if (place < sender.queue.size()) {
    const std::uint64_t arrival = sender.queue[place];
    forget(sender, arrival);
    arrivals_[arrival - first_arrival_] = std::move(tx);
  } else {
    sender.queue.push_back(first_arrival_ + arrivals_.size());
    arrivals_.push_back(std::move(tx));
  }
}

/// Takes the transaction out of everything but its sender's queue.
void Mempool::forget(Sender& sender, std::uint64_t arrival) {
  const VerifiedTx& tx = at(arrival);
  sender.fee_limits -= tx.body().fee_limit;
  bytes_ -= tx.raw().size();
  ids_.erase(tx.id());
  arrivals_[arrival - first_arrival_].reset();
}

void Mempool::erase(Sender& sender, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) forget(sender, sender.queue[i]);
  const auto begin = sender.queue.begin();
  sender.queue.erase(begin + static_cast<std::ptrdiff_t>(first),
                     begin + static_cast<std::ptrdiff_t>(last));
  while (!arrivals_.empty() && !arrivals_.front()) {
    arrivals_.pop_front();
    ++first_arrival_;
  }
}

/// Brings a queue back in line with its account: nonces never go back, so only the front can be
/// outdated, and only the back is dropped for want of money.
void Mempool::settle(Sender& sender, const AccountView& account) {
  std::size_t outdated = 0;
  while (outdated < sender.queue.size() &&
         at(sender.queue[outdated]).body().nonce < account.nonce) {
    ++outdated;
  }
  if (outdated > 0) erase(sender, 0, outdated);
  while (sender.fee_limits > account.balance) {
    erase(sender, sender.queue.size() - 1, sender.queue.size());
  }
}

std::vector<VerifiedTx> Mempool::take(std::size_t max_bytes) const {
  const std::lock_guard lock(mutex_);
  std::vector<VerifiedTx> out;
  out.reserve(ids_.size());
  for (const auto& tx : arrivals_) {
    if (!tx) continue;
    if (tx->raw().size() > max_bytes) break;
    max_bytes -= tx->raw().size();
    out.push_back(*tx);
  }
  return out;
}

void Mempool::on_block(std::span<const VerifiedTx> included) {
  const std::lock_guard lock(mutex_);
  ++blocks_;
  for (const VerifiedTx& tx : included) {
    const auto found = senders_.find(tx.body().sender);
    if (found == senders_.end()) continue;
    Sender& sender = found->second;
    if (sender.queue.size() == 1 && at(sender.queue[0]).id() == tx.id()) {
      // Nothing else of it waits, so nobody asks what has become of the account.
      erase(sender, 0, 1);
    } else {
      settle(sender, account(found->first));
    }
    if (sender.queue.empty()) senders_.erase(found);
  }
}

void Mempool::expire(TimeMs now) {
  const std::lock_guard lock(mutex_);
  if (earliest_expiry_ >= now) return;
  // A look at all of them costs less than an index that every transaction has to enter and leave.
  const std::uint64_t end = first_arrival_ + arrivals_.size();
  for (std::uint64_t arrival = first_arrival_; arrival < end;
       arrival = std::max(arrival + 1, first_arrival_)) {
    const std::optional<VerifiedTx> tx = arrivals_[arrival - first_arrival_];
    if (tx && tx->body().valid_until < now) drop_with_successors(*tx);
  }
  earliest_expiry_ = TimeMs(UINT64_MAX);
  for (const auto& tx : arrivals_) {
    if (tx) earliest_expiry_ = std::min(earliest_expiry_, tx->body().valid_until);
  }
}

void Mempool::drop(std::span<const VerifiedTx> refused) {
  const std::lock_guard lock(mutex_);
  for (const VerifiedTx& tx : refused) {
    if (ids_.contains(tx.id())) drop_with_successors(tx);
  }
}

void Mempool::drop_with_successors(const VerifiedTx& tx) {
  const auto at = senders_.find(tx.body().sender);
  Sender& sender = at->second;
  const Nonce first = this->at(sender.queue.front()).body().nonce;
  erase(sender, (tx.body().nonce - first).value(), sender.queue.size());
  if (sender.queue.empty()) senders_.erase(at);
}

Nonce Mempool::next_nonce(const Address& address) const {
  const std::lock_guard lock(mutex_);
  const Nonce committed = account(address).nonce;
  const auto at = senders_.find(address);
  if (at == senders_.end()) return committed;
  return std::max(committed, this->at(at->second.queue.back()).body().nonce + Nonce(1));
}

bool Mempool::contains(const Hash& id) const {
  const std::lock_guard lock(mutex_);
  return ids_.contains(id);
}

std::size_t Mempool::size() const {
  const std::lock_guard lock(mutex_);
  return ids_.size();
}

}  // namespace bourse::chain
