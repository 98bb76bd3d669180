// SPDX-License-Identifier: Apache-2.0
#include "chain/mempool.hpp"

namespace bourse::chain {
namespace {

std::string text(auto quantity) { return std::to_string(quantity.value()); }

bool pays_for_replacement(Amount offered, Amount replaced) {
  using Wide = unsigned __int128;
  return Wide{offered.value()} * 100 >= Wide{replaced.value()} * kReplacementPercent;
}

}  // namespace

Result<void> Mempool::add(VerifiedTx tx, Amount fee, TimeMs now) {
  const std::lock_guard lock(mutex_);
  TRY(check_alone(tx, fee, now));
  const Address address = tx.body().sender;
  const AccountView account = accounts_(address);
  if (tx.body().nonce < account.nonce) {
    return Error{"nonce_too_low", "the account's next nonce is " + text(account.nonce)};
  }
  const auto at = senders_.try_emplace(address).first;
  Sender& sender = at->second;
  settle(sender, account);
  const std::uint64_t place = (tx.body().nonce - account.nonce).value();
  auto checked = check_place(tx, account, sender, place);
  if (checked) insert(sender, place, std::move(tx));
  if (sender.queue.empty()) senders_.erase(at);
  return checked;
}

Result<void> Mempool::check_alone(const VerifiedTx& tx, Amount fee, TimeMs now) const {
  const TxBody& body = tx.body();
  if (ids_.contains(tx.id())) {
    return Error{"tx_already_waiting", "the transaction already waits for a block"};
  }
  if (body.valid_until < now) {
    return Error{"tx_expired", "valid_until is past; sign the transaction again with a later one"};
  }
  if (elapsed(now, body.valid_until) > kTxLifetimeMax) {
    return Error{"valid_until_too_far", "valid_until is more than " + text(kTxLifetimeMax) +
                                            " ms ahead of the block time " + text(now)};
  }
  if (body.fee_limit < fee) {
    return Error{"fee_limit_too_low", "the fee of this transaction is " + text(fee) + " grains"};
  }
  return {};
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
  const VerifiedTx* replaced = replaces ? sender.queue[place].tx.get() : nullptr;
  if (replaces && !pays_for_replacement(body.fee_limit, replaced->body().fee_limit)) {
    return Error{"replacement_underpriced",
                 "a transaction with this nonce waits; to replace it offer a fee limit of " +
                     std::to_string(kReplacementPercent) + " % of its " +
                     text(replaced->body().fee_limit) + " grains"};
  }
  const Amount others =
      replaces ? sender.fee_limits - replaced->body().fee_limit : sender.fee_limits;
  const auto total = checked_add(others, body.fee_limit);
  if (!total || *total > account.balance) {
    return Error{"balance_too_low_for_fee",
                 "the balance of " + text(account.balance) +
                     " grains does not cover the fee limits of the account's waiting transactions"};
  }
  const std::size_t freed = replaces ? replaced->raw().size() : 0;
  if ((!replaces && arrivals_.size() >= limits_.transactions) ||
      bytes_ - freed + tx.raw().size() > limits_.bytes) {
    return Error{"mempool_full", "too many transactions wait for a block; try again in a moment"};
  }
  return {};
}

void Mempool::insert(Sender& sender, std::size_t place, VerifiedTx tx) {
  const auto shared = std::make_shared<const VerifiedTx>(std::move(tx));
  std::uint64_t arrival = next_arrival_;
  if (place < sender.queue.size()) {
    const auto& [old_arrival, old] = sender.queue[place];
    arrival = old_arrival;
    sender.fee_limits -= old->body().fee_limit;
    expiries_.erase({old->body().valid_until, arrival});
    ids_.erase(old->id());
    bytes_ -= old->raw().size();
    sender.queue[place].tx = shared;
  } else {
    ++next_arrival_;
    sender.queue.push_back({arrival, shared});
  }
  arrivals_[arrival] = shared;
  sender.fee_limits += shared->body().fee_limit;
  expiries_.insert({shared->body().valid_until, arrival});
  ids_.insert(shared->id());
  bytes_ += shared->raw().size();
}

void Mempool::erase(Sender& sender, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    const auto& [arrival, tx] = sender.queue[i];
    sender.fee_limits -= tx->body().fee_limit;
    expiries_.erase({tx->body().valid_until, arrival});
    ids_.erase(tx->id());
    bytes_ -= tx->raw().size();
    arrivals_.erase(arrival);
  }
  const auto begin = sender.queue.begin();
  sender.queue.erase(begin + static_cast<std::ptrdiff_t>(first),
                     begin + static_cast<std::ptrdiff_t>(last));
}

/// Brings a queue back in line with its account: nonces never go back, so only the front can be
/// outdated, and only the back is dropped for want of money.
void Mempool::settle(Sender& sender, const AccountView& account) {
  std::size_t outdated = 0;
  while (outdated < sender.queue.size() &&
         sender.queue[outdated].tx->body().nonce < account.nonce) {
    ++outdated;
  }
  erase(sender, 0, outdated);
  while (sender.fee_limits > account.balance) {
    erase(sender, sender.queue.size() - 1, sender.queue.size());
  }
}

std::vector<VerifiedTx> Mempool::take(std::size_t max_bytes) const {
  std::vector<std::shared_ptr<const VerifiedTx>> taken;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [arrival, tx] : arrivals_) {
      if (tx->raw().size() > max_bytes) break;
      max_bytes -= tx->raw().size();
      taken.push_back(tx);
    }
  }
  // The copies are made without the lock: senders do not wait for them.
  std::vector<VerifiedTx> out;
  out.reserve(taken.size());
  for (const auto& tx : taken) out.push_back(*tx);
  return out;
}

void Mempool::on_block(std::span<const VerifiedTx> included) {
  const std::lock_guard lock(mutex_);
  for (const VerifiedTx& tx : included) {
    const auto at = senders_.find(tx.body().sender);
    if (at == senders_.end()) continue;
    settle(at->second, accounts_(at->first));
    if (at->second.queue.empty()) senders_.erase(at);
  }
}

void Mempool::expire(TimeMs now) {
  const std::lock_guard lock(mutex_);
  while (!expiries_.empty() && expiries_.begin()->first < now) {
    const auto tx = arrivals_.at(expiries_.begin()->second);
    drop_with_successors(*tx);
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
  const Nonce first = sender.queue.front().tx->body().nonce;
  erase(sender, (tx.body().nonce - first).value(), sender.queue.size());
  if (sender.queue.empty()) senders_.erase(at);
}

Nonce Mempool::next_nonce(const Address& address) const {
  const std::lock_guard lock(mutex_);
  const Nonce committed = accounts_(address).nonce;
  const auto at = senders_.find(address);
  if (at == senders_.end()) return committed;
  return std::max(committed, at->second.queue.back().tx->body().nonce + Nonce(1));
}

bool Mempool::contains(const Hash& id) const {
  const std::lock_guard lock(mutex_);
  return ids_.contains(id);
}

std::size_t Mempool::size() const {
  const std::lock_guard lock(mutex_);
  return arrivals_.size();
}

}  // namespace bourse::chain
