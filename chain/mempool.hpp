// SPDX-License-Identifier: Apache-2.0
//
// Checked transactions that wait for a block. Each sender's waiting nonces are contiguous and start
// at the account's own, so the order of arrival is executable; a replacement takes the place of
// what it replaces, and a transaction that leaves without a block takes its successors along.
// Everything here is a hint: the state machine has the last word. Thread-safe.
#pragma once

#include <atomic>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/id_hash.hpp"
#include "chain/state_machine.hpp"

namespace bourse::chain {

struct MempoolLimits {
  std::size_t transactions = 20'000;
  std::size_t bytes = std::size_t{64} << 20;
  std::size_t per_account = 64;
};

/// Replacing a waiting transaction needs a fee limit of at least this many percent of the old one.
inline constexpr std::uint64_t kReplacementPercent = 110;

class Mempool {
 public:
  /// Reads accounts of the committed state. It may be called with the lock held and must not call
  /// back.
  using AccountLookup = std::function<std::vector<AccountView>(std::span<const Address>)>;

  explicit Mempool(AccountLookup accounts, MempoolLimits limits = {})
      : accounts_(std::move(accounts)), limits_(limits) {}

  /// The accounts of senders as they were when the mempool had heard of so many blocks.
  struct Accounts {
    std::vector<AccountView> views;
    std::uint64_t blocks;
  };

  /// One after the other, and one answer each. The state machine must have checked them; `now` is
  /// the earliest time of the next block. What screen() has read of their senders is not read again
  /// unless there has been a block since. Error kinds: tx_already_waiting, nonce_too_low,
  /// tx_expired, valid_until_too_far, nonce_gap, replacement_underpriced, balance_too_low_for_fee;
  /// and, to be tried again later, account_queue_full and mempool_full.
  std::vector<Result<void>> add(std::vector<VerifiedTx> txs, TimeMs now,
                                std::optional<Accounts> seen = {});

  /// What add() would refuse whatever else waits, so that nobody spends a signature check on it.
  struct Screening {
    std::vector<Result<void>> results;
    Accounts seen;
  };
  Screening screen(std::span<const ParsedTx> txs, TimeMs now) const;

  /// The longest waiting transactions that have at most `max_bytes` together, in order of arrival.
  std::vector<VerifiedTx> take(std::size_t max_bytes) const;

  /// Drops what the committed block has included, outdated or made unaffordable.
  void on_block(std::span<const VerifiedTx> included);
  /// Drops what may be in no block of time `now` or later.
  void expire(TimeMs now);
  /// Drops these transactions and their successors.
  void drop(std::span<const VerifiedTx> refused);

  /// The nonce that the sender's next transaction should carry.
  Nonce next_nonce(const Address& sender) const;
  bool contains(const Hash& id) const;
  std::size_t size() const;

 private:
  /// The waiting transactions of one account by arrival, in the order of their nonces.
  struct Sender {
    boost::container::small_vector<std::uint64_t, 2> queue;  // mostly of one
    Amount fee_limits;
  };

  template <class Tx>
  Accounts accounts_of(std::span<const Tx> txs) const;
  AccountView account(const Address& address) const { return accounts_({&address, 1}).front(); }
  Result<void> add_one(VerifiedTx tx, const AccountView& account, TimeMs now);
  Result<void> screen_one(const ParsedTx& tx, const AccountView& account, TimeMs now) const;
  Result<void> check_time(const ParsedTx& tx, TimeMs now) const;
  Result<void> check_room(std::size_t waiting, std::size_t bytes) const;
  Result<void> check_place(const VerifiedTx& tx, const AccountView& account, const Sender& sender,
                           std::size_t place) const;
  const VerifiedTx& at(std::uint64_t arrival) const { return *arrivals_[arrival - first_arrival_]; }
  void settle(Sender& sender, const AccountView& account);
  void insert(Sender& sender, std::size_t place, VerifiedTx tx);
  void forget(Sender& sender, std::uint64_t arrival);
  void erase(Sender& sender, std::size_t first, std::size_t last);
  void drop_with_successors(const VerifiedTx& tx);

  const AccountLookup accounts_;
  const MempoolLimits limits_;

  /// How many blocks on_block was told of.
  std::atomic<std::uint64_t> blocks_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  boost::unordered_flat_map<Address, Sender, IdHash> senders_;
  boost::unordered_flat_set<Hash, IdHash> ids_;
  /// In order of arrival, the first of them number first_arrival_; empty where one has left.
  std::deque<std::optional<VerifiedTx>> arrivals_;
  std::uint64_t first_arrival_ = 0;
  std::size_t bytes_ = 0;
  /// None that waits expires earlier.
  TimeMs earliest_expiry_{UINT64_MAX};
};

}  // namespace bourse::chain
