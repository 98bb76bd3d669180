// SPDX-License-Identifier: Apache-2.0
//
// Where in the chain a transaction is, and where an account or a job occurs. Derived from the
// blocks: what is recent is in memory, what is older went to disk with a checkpoint, and what a
// crash takes from memory comes back when the blocks are executed again.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/fields.hpp"
#include "base/id_hash.hpp"
#include "chain/block.hpp"
#include "chain/rows.hpp"

namespace bourse::chain {

class Store;

/// A transaction in a block.
struct Inclusion {
  Height height;
  std::uint32_t index = 0;
  TimeMs time;
  Receipt receipt;
};

/// Whose history is kept: the first 16 bytes of an account's key, or a job's id.
using Subject = FixedBytes<16, struct SubjectTag>;

/// An item of a block: its transactions, and after them its events, counted from 0.
struct Occurrence {
  Height height;
  std::uint32_t item = 0;

  friend auto operator<=>(const Occurrence&, const Occurrence&) = default;
};

/// That a subject has to do with an item of the block.
struct Mention {
  Subject subject;
  std::uint32_t item = 0;
};

/// The part of a history that is asked for.
struct HistoryRange {
  /// Both inclusive.
  Occurrence first;
  Occurrence last{Height(UINT64_MAX), UINT32_MAX};
  std::size_t limit = 0;
  bool newest_first = false;
};

/// add, freeze and thaw belong to the engine's thread; reading is allowed from any.
class Lookup {
 public:
  explicit Lookup(const Store& store) : store_(store) {}

  /// The block's transactions themselves are not needed.
  void add(const Block& block, std::span<const Mention> mentions);

  /// Error kinds: tx_not_found, store_corrupt.
  Result<Inclusion> find(const Hash& tx) const;
  /// Error kind: store_corrupt.
  Result<std::vector<Occurrence>> history(const Subject& subject, const HistoryRange& range) const;

  /// All that was added since the last freeze, as rows for the disk. They stay readable here until
  /// thaw() says that they are there. Nothing may be frozen already.
  Rows freeze();
  void thaw();

 private:
  /// An occurrence, and the one before it of the same subject: counted from 1, and 0 for none.
  struct Entry {
    Height height;
    std::uint32_t item = 0;
    std::uint32_t previous = 0;
  };
  /// An Inclusion without the id, which is in the key.
  struct TxRow {
    Height height;
    std::uint32_t index = 0;
    TimeMs time;
    std::uint16_t error = 0;
    std::uint16_t operation = 0;
    Amount fee;

    Inclusion of(const Hash& tx) const {
      return {height, index, time, {tx, error, operation, fee}};
    }

    static constexpr auto fields() {
      return std::tuple{field("height", &TxRow::height, "The block."),
                        field("index", &TxRow::index, "Position among its transactions."),
                        field("time", &TxRow::time, "Time of the block."),
                        field("error", &TxRow::error, "0, or the error of the receipt."),
                        field("operation", &TxRow::operation, "The operation that failed."),
                        field("fee", &TxRow::fee, "What the sender paid.")};
    }
  };
  /// Transactions in the order of the chain, and where each is by its id. The table has the places
  /// and not what is there, so that it takes little of the cache.
  class Transactions {
   public:
    using List = std::vector<std::pair<Hash, TxRow>>;

    Transactions() = default;
    Transactions(const Transactions&) = delete;

    void reserve(std::size_t count);
    /// What no block could admit may be in a later one again.
    void set(const Hash& id, const TxRow& row);
    const TxRow* find(const Hash& id) const;
    const List& list() const { return list_; }

   private:
    struct IdAt {
      using is_transparent = void;
      const List& list;

      const Hash& of(std::uint32_t place) const { return list[place].first; }
      const Hash& of(const Hash& id) const { return id; }
      std::size_t operator()(const auto& one) const { return IdHash{}(of(one)); }
      bool operator()(const auto& a, const auto& b) const { return of(a) == of(b); }
    };

    List list_;
    boost::unordered_flat_set<std::uint32_t, IdAt, IdAt> places_{0, IdAt{list_}, IdAt{list_}};
  };
  struct Part {
    Transactions txs;
    std::vector<Entry> entries;
    /// The newest entry of each subject, counted from 1.
    boost::unordered_flat_map<Subject, std::uint32_t, IdHash> heads;

    std::vector<Occurrence> of(const Subject& subject) const;
    void follow(std::span<std::uint32_t> newest, std::span<std::vector<Occurrence>> out) const;
  };
  static Result<void> write_rows(const Part& part, const RowSink& sink);
  static Result<void> write_transactions(const Part& part, const RowSink& sink);
  static Result<void> write_histories(const Part& part, const RowSink& sink);
  Result<Inclusion> stored(const Hash& tx) const;
  Result<std::vector<Occurrence>> stored(const Subject& subject, const HistoryRange& range) const;

  const Store& store_;
  mutable std::mutex mutex_;  // guards what follows; a frozen part does not change
  std::shared_ptr<Part> recent_ = std::make_shared<Part>();
  std::shared_ptr<const Part> frozen_;
};

}  // namespace bourse::chain
