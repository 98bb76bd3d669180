// SPDX-License-Identifier: Apache-2.0
//
// A typed table of the state: records by key, in insertion order, copied on write. Records are
// never removed: an object that has ended stays as its own proof. A record type has `key()`.
//
// TableWriter adds the undo that makes a transaction all or nothing: it remembers each record as it
// was when the transaction first touched it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/id_hash.hpp"
#include "chain/paged_array.hpp"

namespace bourse::chain {

/// A table has at most 2^29 records; whoever keeps handles has the other bits for itself.
inline constexpr unsigned kHandleBits = 29;

template <class Record>
class Table {
 public:
  using Key = std::decay_t<decltype(std::declval<const Record&>().key())>;

  /// A table of these records in their order, or nothing when two have the same key.
  static std::optional<Table> of(PagedArray<Record> records) {
    Table out;
    out.records_ = std::move(records);
    std::uint32_t slots = kSlotsMin;
    while (slots < out.size() * 2ULL) slots *= 2;
    return out.make_slots(slots) ? std::optional(std::move(out)) : std::nullopt;
  }

  /// A copy that may be written in another thread than the table.
  Table branch() const {
    Table out;
    out.records_ = records_.branch();
    out.slots_ = slots_.branch();
    return out;
  }

  std::uint32_t size() const { return records_.size(); }
  const Record& at(std::uint32_t handle) const { return records_[handle]; }
  Record& edit_at(std::uint32_t handle) { return records_.edit(handle); }

  std::optional<std::uint32_t> find(const Key& key) const {
    if (slots_.size() == 0) return std::nullopt;
    const std::uint32_t slot = slots_[locate(key)];
    if (slot == 0) return std::nullopt;
    return handle_in(slot);
  }

  const Record* get(const Key& key) const {
    const auto handle = find(key);
    return handle ? &records_[*handle] : nullptr;
  }

  /// Brings the records of these keys into the cache, so that the misses of looking for them
  /// overlap instead of following each other.
  void fetch(std::span<const Key> keys) const {
    if (slots_.size() == 0) return;
    for (const Key& key : keys) __builtin_prefetch(&slots_[first_slot(IdHash{}(key))]);
    for (const Key& key : keys) {
      // Nearly every search ends where it begins.
      const std::uint32_t slot = slots_[first_slot(IdHash{}(key))];
      if (slot != 0) fetch_at(handle_in(slot));
    }
  }
  /// The same for one whose handle is known.
  void fetch_at(std::uint32_t handle) const { records_.fetch(handle); }

  /// The key must be new.
  std::uint32_t insert(Record record) {
    if ((records_.size() + 1) * 2ULL > slots_.size()) grow();
    const std::uint32_t slot = locate(record.key());
    CHECK(slots_[slot] == 0);
    slots_.edit(slot) = slot_of(record.key(), records_.size());
    records_.push_back(std::move(record));
    return records_.size() - 1;
  }

  /// Takes back the last insert. Emptying its slot is enough: whatever probed past it was inserted
  /// later and is gone already.
  void pop() {
    const std::uint32_t slot = locate(records_[records_.size() - 1].key());
    slots_.edit(slot) = 0;
    records_.pop_back();
  }

 private:
  static constexpr std::uint32_t kSlotsMin = 16;
  /// A slot has a few bits of the key's hash above the handle: a search that meets another key then
  /// rarely has to look at its record, which lies in no cache.
  static constexpr std::uint32_t kHandleMask = (1U << kHandleBits) - 1;

  static std::uint32_t handle_in(std::uint32_t slot) { return (slot & kHandleMask) - 1; }
  static std::uint32_t tag(std::size_t hash) {
    return static_cast<std::uint32_t>(hash >> 32) & ~kHandleMask;
  }
  static std::uint32_t slot_of(const Key& key, std::uint32_t handle) {
    CHECK(handle < kHandleMask);
    return tag(IdHash{}(key)) | (handle + 1);
  }

  /// Where a search for a key of this hash begins.
  std::uint32_t first_slot(std::size_t hash) const {
    return static_cast<std::uint32_t>(hash) & (slots_.size() - 1);
  }

  /// Where `key` is, or where it would go: linear probing in a table at most half full.
  std::uint32_t locate(const Key& key) const {
    const std::size_t hash = IdHash{}(key);
    std::uint32_t at = first_slot(hash);
    for (;; at = (at + 1) & (slots_.size() - 1)) {
      const std::uint32_t slot = slots_[at];
      if (slot == 0) return at;
      if ((slot & ~kHandleMask) == tag(hash) && records_[handle_in(slot)].key() == key) return at;
    }
  }

  void grow() { CHECK(make_slots(slots_.size() == 0 ? kSlotsMin : slots_.size() * 2)); }

  /// Makes so many slots and fills them; false when two records have the same key.
  bool make_slots(std::uint32_t count) {
    slots_ = PagedArray<std::uint32_t>();
    for (std::uint32_t i = 0; i < count; ++i) slots_.push_back(0);
    // Every search begins at a place that is in no cache, so it is fetched ahead.
    constexpr std::uint32_t ahead = 16;
    for (std::uint32_t i = 0; i < records_.size(); ++i) {
      if (i + ahead < records_.size()) {
        __builtin_prefetch(&slots_[first_slot(IdHash{}(records_[i + ahead].key()))]);
      }
      const std::uint32_t slot = locate(records_[i].key());
      if (slots_[slot] != 0) return false;
      slots_.edit(slot) = slot_of(records_[i].key(), i);
    }
    return true;
  }

  PagedArray<Record> records_;
  PagedArray<std::uint32_t> slots_;  // tag and handle + 1, or 0 for empty; a power of two of them
};

template <class Record>
class TableWriter {
 public:
  using Key = typename Table<Record>::Key;
  /// A record that the transaction touched; `before` is empty for a new one.
  struct Change {
    std::uint32_t handle;
    std::optional<Record> before;
  };

  explicit TableWriter(Table<Record>& table) : table_(table) {}

  const Record* get(const Key& key) const { return table_.get(key); }

  /// The record for writing, or nullptr when there is none. It stays there until the next insert.
  Record* find(const Key& key) {
    const auto handle = table_.find(key);
    if (!handle) return nullptr;
    if (touched_.emplace(*handle, 0).second) changes_.push_back({*handle, table_.at(*handle)});
    return &table_.edit_at(*handle);
  }
  /// The same of one that must exist.
  Record& edit(const Key& key) {
    Record* const found = find(key);
    CHECK(found != nullptr);
    return *found;
  }

  void insert(Record record) {
    const std::uint32_t handle = table_.insert(std::move(record));
    touched_.emplace(handle, 0);
    changes_.push_back({handle, std::nullopt});
  }

  const std::vector<Change>& changes() const { return changes_; }
  const Record& after(const Change& change) const { return table_.at(change.handle); }

  void accept() {
    touched_.clear();
    changes_.clear();
  }

  void rollback() {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      if (change->before) {
        table_.edit_at(change->handle) = std::move(*change->before);
      } else {
        table_.pop();
      }
    }
    accept();
  }

 private:
  Table<Record>& table_;
  boost::unordered_flat_map<std::uint32_t, char> touched_;
  std::vector<Change> changes_;
};

}  // namespace bourse::chain
