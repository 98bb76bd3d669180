// SPDX-License-Identifier: Apache-2.0
//
// Rows on disk: `t` ‖ transaction id → TxRow; `s` ‖ subject ‖ height ‖ item → occurrences of the
// subject, the last of which is the key's. The numbers are big-endian, so that a subject's rows
// stand in the order of the chain; and many occurrences to a row, because it is the rows that cost.
// A transaction has a row to itself all the same: the database's filters then find it at once, in a
// chain of any length.
#include "chain/lookup.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec.hpp"
#include "chain/store.hpp"

namespace bourse::chain {
namespace {

std::string tx_key(const Hash& tx) { return "t" + std::string(as_text(tx.bytes)); }

constexpr std::size_t kOccurrenceBytes = 12;
constexpr std::size_t kOccurrencesPerRow = 256;
/// So many subjects or transactions are fetched at a time.
constexpr std::size_t kTogether = 16;

std::string subject_prefix(const Subject& subject) {
  return "s" + std::string(as_text(subject.bytes));
}

void append_packed(std::string& out, const Occurrence& at) {
  out += big_endian(at.height.value(), 8);
  out += big_endian(at.item, 4);
}

std::string packed(const Occurrence& at) {
  std::string out;
  append_packed(out, at);
  return out;
}

/// Pairs of a key and something in the order of their keys. The first eight bytes nearly always
/// tell two keys apart, so they are sorted side by side and the pairs stay where they are.
template <class Pairs>
std::vector<const typename Pairs::value_type*> in_order(const Pairs& pairs) {
  using Entry = const typename Pairs::value_type*;
  std::vector<std::pair<std::uint64_t, Entry>> heads;
  heads.reserve(pairs.size());
  for (const auto& entry : pairs) {
    heads.emplace_back(from_big_endian(as_text(entry.first.bytes).substr(0, 8)), &entry);
  }
  std::ranges::sort(heads, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->first < b.second->first;
  });
  std::vector<Entry> out;
  out.reserve(heads.size());
  for (const auto& [head, entry] : heads) out.push_back(entry);
  return out;
}

std::vector<Occurrence> unpack(std::string_view row) {
  std::vector<Occurrence> out;
  for (; row.size() >= kOccurrenceBytes; row.remove_prefix(kOccurrenceBytes)) {
    out.push_back({Height(from_big_endian(row.substr(0, 8))),
                   static_cast<std::uint32_t>(from_big_endian(row.substr(8, 4)))});
  }
  return out;
}

}  // namespace

void Lookup::Transactions::reserve(std::size_t count) {
  list_.reserve(count);
  places_.reserve(count);
}

void Lookup::Transactions::set(const Hash& id, const TxRow& row) {
  list_.emplace_back(id, row);
  const auto [place, is_new] = places_.insert(static_cast<std::uint32_t>(list_.size() - 1));
  if (is_new) return;
  list_[*place].second = row;
  list_.pop_back();
}

const Lookup::TxRow* Lookup::Transactions::find(const Hash& id) const {
  const auto place = places_.find(id);
  return place == places_.end() ? nullptr : &list_[*place].second;
}

void Lookup::add(const Block& block, std::span<const Mention> mentions) {
  const Height height = block.header.height;
  const std::lock_guard lock(mutex_);
  for (std::uint32_t i = 0; i < block.receipts.size(); ++i) {
    const Receipt& receipt = block.receipts[i];
    recent_->txs.set(receipt.tx,
                     {height, i, block.header.time, receipt.error, receipt.operation, receipt.fee});
  }
  const std::size_t older = recent_->entries.size();
  for (const Mention& mention : mentions) {
    std::uint32_t& head = recent_->heads[mention.subject];
    // A transaction may move an account's money more than once.
    if (head > older && recent_->entries[head - 1].item == mention.item) continue;
    recent_->entries.push_back({height, mention.item, head});
    head = static_cast<std::uint32_t>(recent_->entries.size());
  }
}

Result<Inclusion> Lookup::find(const Hash& tx) const {
  {
    const std::lock_guard lock(mutex_);
    for (const Part* part : std::initializer_list<const Part*>{recent_.get(), frozen_.get()}) {
      if (!part) continue;
      if (const TxRow* const row = part->txs.find(tx)) return row->of(tx);
    }
  }
  return stored(tx);
}

/// What is on disk.
Result<Inclusion> Lookup::stored(const Hash& tx) const {
  std::optional<TxRow> row;
  TRY_ASSIGN(const bool is_there,
             store_.index_row(tx_key(tx), [&](ByteView value) { row = decode<TxRow>(value); }));
  if (!is_there) return Error{"tx_not_found", "no block has a transaction with this id"};
  if (!row) return store_corrupt("a row of the index is unreadable");
  return row->of(tx);
}

/// Oldest first.
std::vector<Occurrence> Lookup::Part::of(const Subject& subject) const {
  const auto head = heads.find(subject);
  if (head == heads.end()) return {};
  std::uint32_t newest = head->second;
  std::vector<Occurrence> out;
  follow({&newest, 1}, {&out, 1});
  return out;
}

/// The same for the subjects of these newest entries, side by side, so that their cache misses
/// overlap.
void Lookup::Part::follow(std::span<std::uint32_t> newest,
                          std::span<std::vector<Occurrence>> out) const {
  for (auto& list : out) list.clear();
  for (bool found = true; found;) {
    found = false;
    for (std::size_t i = 0; i < newest.size(); ++i) {
      if (newest[i] == 0) continue;
      const Entry& entry = entries[newest[i] - 1];
      out[i].push_back({entry.height, entry.item});
      newest[i] = entry.previous;
      found = true;
    }
  }
  for (auto& list : out) std::ranges::reverse(list);
}

Result<std::vector<Occurrence>> Lookup::history(const Subject& subject,
                                                const HistoryRange& range) const {
  // Memory is read before the disk: what is thawed in between is seen twice and not never.
  std::vector<Occurrence> recent;
  {
    const std::lock_guard lock(mutex_);
    if (frozen_) recent = frozen_->of(subject);
    const auto newest = recent_->of(subject);
    recent.insert(recent.end(), newest.begin(), newest.end());
  }
  TRY_ASSIGN(std::vector<Occurrence> out, stored(subject, range));
  for (const Occurrence& at : recent) {
    if (at >= range.first && at <= range.last) out.push_back(at);
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (range.newest_first) std::ranges::reverse(out);
  if (out.size() > range.limit) out.resize(range.limit);
  return out;
}

/// Those on disk: at least as many as the range wants, when there are so many.
Result<std::vector<Occurrence>> Lookup::stored(const Subject& subject,
                                               const HistoryRange& range) const {
  const std::string prefix = subject_prefix(subject);
  std::vector<Occurrence> out;
  bool is_first = true;
  const auto visit = [&](ByteView key, ByteView value) {
    // Backwards, the first row may stand behind all of the subject's.
    const bool may_follow = std::exchange(is_first, false) && range.newest_first;
    if (!as_text(key).starts_with(prefix)) return may_follow;
    const std::vector<Occurrence> row = unpack(as_text(value));
    for (const Occurrence& at : row) {
      if (at >= range.first && at <= range.last) out.push_back(at);
    }
    const bool is_past =
        row.empty() || (range.newest_first ? row.front() < range.first : row.back() > range.last);
    return !is_past && out.size() < range.limit;
  };
  const Occurrence start = range.newest_first ? range.last : range.first;
  TRY(store_.walk_index(prefix + packed(start), range.newest_first, visit));
  return out;
}

Rows Lookup::freeze() {
  const std::lock_guard lock(mutex_);
  CHECK(!frozen_);
  frozen_ = std::exchange(recent_, std::make_shared<Part>());
  // The next part grows to about the same size, and need not be moved again and again for it.
  recent_->txs.reserve(frozen_->txs.list().size());
  recent_->entries.reserve(frozen_->entries.size());
  return [part = frozen_](const RowSink& sink) { return write_rows(*part, sink); };
}

void Lookup::thaw() {
  std::shared_ptr<const Part> written;  // given back without the lock
  const std::lock_guard lock(mutex_);
  written.swap(frozen_);
}

/// Rows are made by the million, so nothing here is made anew for each of them, and what stands
/// anywhere in memory is fetched ahead.
Result<void> Lookup::write_rows(const Part& part, const RowSink& sink) {
  TRY(write_histories(part, sink));
  return write_transactions(part, sink);
}

Result<void> Lookup::write_transactions(const Part& part, const RowSink& sink) {
  const auto txs = in_order(part.txs.list());
  std::string key;
  CborWriter row;
  for (std::size_t i = 0; i < txs.size(); ++i) {
    if (i + kTogether < txs.size()) __builtin_prefetch(txs[i + kTogether]);
    key.assign("t").append(as_text(txs[i]->first.bytes));
    row.clear();
    write(row, txs[i]->second);
    TRY(sink(as_bytes(key), row.view()));
  }
  return {};
}

Result<void> Lookup::write_histories(const Part& part, const RowSink& sink) {
  std::string key;
  std::string row;
  std::array<std::uint32_t, kTogether> newest;
  std::array<std::vector<Occurrence>, kTogether> histories;
  const auto subjects = in_order(part.heads);
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    if (k % kTogether == 0) {
      const std::size_t count = std::min(kTogether, subjects.size() - k);
      for (std::size_t i = 0; i < count; ++i) newest[i] = subjects[k + i]->second;
      part.follow(std::span(newest).first(count), std::span(histories).first(count));
    }
    const std::vector<Occurrence>& all = histories[k % kTogether];
    for (std::size_t i = 0; i < all.size();) {
      row.clear();
      const std::size_t end = std::min(all.size(), i + kOccurrencesPerRow);
      for (; i < end; ++i) append_packed(row, all[i]);
      key.assign("s").append(as_text(subjects[k]->first.bytes));
      append_packed(key, all[end - 1]);
      TRY(sink(as_bytes(key), as_bytes(row)));
    }
  }
  return {};
}

}  // namespace bourse::chain
