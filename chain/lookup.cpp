// SPDX-License-Identifier: Apache-2.0
//
// Rows on disk: `t` ‖ transaction id → inclusion; `s` ‖ subject ‖ height ‖ item → nothing. The
// numbers are big-endian, so that a subject's rows stand in the order of the chain.
#include "chain/lookup.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "chain/store.hpp"

namespace bourse::chain {
namespace {

std::string tx_key(const Hash& tx) { return "t" + std::string(as_text(tx.bytes)); }

std::string subject_key(const Subject& subject, const Occurrence& at) {
  return "s" + std::string(as_text(subject.bytes)) + big_endian(at.height.value(), 8) +
         big_endian(at.item, 4);
}

Occurrence occurrence_of(std::string_view key) {
  const std::string_view tail = key.substr(key.size() - 12);
  return {Height(from_big_endian(tail.substr(0, 8))),
          static_cast<std::uint32_t>(from_big_endian(tail.substr(8)))};
}

}  // namespace

void Lookup::add(const Block& block, std::span<const Mention> mentions) {
  const Height height = block.header.height;
  const std::lock_guard lock(mutex_);
  for (std::uint32_t i = 0; i < block.receipts.size(); ++i) {
    const Receipt& receipt = block.receipts[i];
    recent_.txs.insert_or_assign(receipt.tx, Inclusion{height, i, block.header.time, receipt});
  }
  for (const Mention& mention : mentions) {
    std::uint32_t& head = recent_.heads[mention.subject];
    const Occurrence at{height, mention.item};
    // A transaction may move an account's money more than once.
    if (head != 0 && recent_.entries[head - 1].at == at) continue;
    recent_.entries.push_back({at, head});
    head = static_cast<std::uint32_t>(recent_.entries.size());
  }
}

Result<Inclusion> Lookup::find(const Hash& tx) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = recent_.txs.find(tx); at != recent_.txs.end()) return at->second;
    if (frozen_) {
      if (const auto at = frozen_->txs.find(tx); at != frozen_->txs.end()) return at->second;
    }
  }
  TRY_ASSIGN(const auto row, store_.index_row(tx_key(tx)));
  if (!row) return Error{"tx_not_found", "no block has a transaction with this id"};
  const auto inclusion = decode<Inclusion>(*row);
  if (!inclusion) return store_corrupt("a row of the index is unreadable");
  return *inclusion;
}

/// Oldest first.
std::vector<Occurrence> Lookup::Part::of(const Subject& subject) const {
  std::vector<Occurrence> out;
  const auto head = heads.find(subject);
  for (std::uint32_t at = head == heads.end() ? 0 : head->second; at != 0;
       at = entries[at - 1].previous) {
    out.push_back(entries[at - 1].at);
  }
  std::ranges::reverse(out);
  return out;
}

Result<std::vector<Occurrence>> Lookup::history(const Subject& subject,
                                                const HistoryRange& range) const {
  // Memory is read before the disk: what is thawed in between is seen twice and not never.
  std::vector<Occurrence> recent;
  {
    const std::lock_guard lock(mutex_);
    if (frozen_) recent = frozen_->of(subject);
    const auto newest = recent_.of(subject);
    recent.insert(recent.end(), newest.begin(), newest.end());
  }
  TRY_ASSIGN(const auto keys,
             store_.index_keys(subject_key(subject, range.first), subject_key(subject, range.last),
                               range.limit, range.newest_first));
  std::vector<Occurrence> out = std::move(recent);
  std::erase_if(out, [&](const Occurrence& at) { return at < range.first || at > range.last; });
  for (const std::string& key : keys) out.push_back(occurrence_of(key));
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (range.newest_first) std::ranges::reverse(out);
  if (out.size() > range.limit) out.resize(range.limit);
  return out;
}

Rows Lookup::freeze() {
  const std::lock_guard lock(mutex_);
  CHECK(!frozen_);
  frozen_ = std::make_shared<const Part>(std::move(recent_));
  recent_ = Part{};
  return [part = frozen_](const RowSink& sink) { return write_rows(*part, sink); };
}

void Lookup::thaw() {
  std::shared_ptr<const Part> written;  // given back without the lock
  const std::lock_guard lock(mutex_);
  written.swap(frozen_);
}

Result<void> Lookup::write_rows(const Part& part, const RowSink& sink) {
  std::vector<Subject> subjects;
  for (const auto& [subject, head] : part.heads) subjects.push_back(subject);
  std::ranges::sort(subjects);
  for (const Subject& subject : subjects) {
    for (const Occurrence& at : part.of(subject)) {
      TRY(sink(as_bytes(subject_key(subject, at)), {}));
    }
  }
  std::vector<std::pair<Hash, const Inclusion*>> txs;
  for (const auto& [tx, inclusion] : part.txs) txs.emplace_back(tx, &inclusion);
  std::ranges::sort(txs);
  for (const auto& [tx, inclusion] : txs) {
    TRY(sink(as_bytes(tx_key(tx)), encode(*inclusion)));
  }
  return {};
}

}  // namespace bourse::chain
