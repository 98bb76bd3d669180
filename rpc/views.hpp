// SPDX-License-Identifier: Apache-2.0
//
// How blocks, transactions and events are shown to clients.
#pragma once

#include "market/event.hpp"
#include "rpc/method.hpp"

namespace bourse::rpc {

/// A system event with its id (height, index) and the time of its block.
struct EventView {
  Height height;
  std::uint32_t index = 0;
  TimeMs time;
  market::Event event;

  static constexpr auto fields() {
    return std::tuple{field("height", &EventView::height, "Height of its block."),
                      field("index", &EventView::index, "Its place among the block's events."),
                      field("time", &EventView::time, "Time of the block, in ms."),
                      field("event", &EventView::event, "What happened.")};
  }
};

/// A receipt with its error in words.
struct ReceiptView {
  Hash tx;
  std::string error;
  std::string sentence;
  std::uint16_t operation = 0;
  Amount fee;

  static constexpr auto fields() {
    return std::tuple{
        field("tx", &ReceiptView::tx, "Id of the transaction."),
        field("error", &ReceiptView::error, "Name of the error, or \"ok\"."),
        field("sentence", &ReceiptView::sentence, "The error in words; empty on success."),
        field("operation", &ReceiptView::operation, "Index of the operation that failed."),
        field("fee", &ReceiptView::fee, "Grains paid.")};
  }
};

/// A transaction taken apart; operations are {type, name, fields}.
struct TxView {
  Hash id;
  std::uint8_t version = 0;
  Hash chain_id;
  Address sender;
  Nonce nonce;
  Amount fee_limit;
  TimeMs valid_until;
  std::vector<Json> operations;
  Signature signature;

  static constexpr auto fields() {
    return std::tuple{field("id", &TxView::id, "SHA-256 of the raw transaction."),
                      field("version", &TxView::version, "Version of the envelope."),
                      field("chain_id", &TxView::chain_id, "The chain it is for."),
                      field("sender", &TxView::sender, "Who signs and pays the fee."),
                      field("nonce", &TxView::nonce, "Its number among the sender's."),
                      field("fee_limit", &TxView::fee_limit, "Most grains that it pays as a fee."),
                      field("valid_until", &TxView::valid_until, "Last block time for it, in ms."),
                      field("operations", &TxView::operations, "Each as {type, name, fields}."),
                      field("signature", &TxView::signature, "BIP340 signature.")};
  }
};

ReceiptView view(const chain::Receipt& receipt);
TxView view(const chain::Tx& tx, ByteView raw, JsonStyle style);
/// {type, name, fields}; an operation that cannot be decoded has its error as name and no fields.
Json view(const chain::Operation& operation, JsonStyle style);

/// The events of a block that `wanted` accepts.
std::vector<EventView> events_of(const chain::Block& block,
                                 const std::function<bool(const market::Event&)>& wanted);

/// The record, or the market's error for its absence, such as job_not_found.
template <class Record>
Result<Record> find_record(const Backend& backend, const typename chain::Table<Record>::Key& key,
                           market::TxError absent) {
  const auto state = backend.market.snapshot();
  const Record* record = state->get<Record>(key);
  if (!record) return market::to_error(absent);
  return *record;
}

/// The proof of a record in the reply, when the caller has asked for one.
template <class Record>
std::optional<market::ProvedRecord> proof_if(const std::optional<bool>& is_wanted,
                                             const Backend& backend,
                                             const typename chain::Table<Record>::Key& key) {
  if (!is_wanted.value_or(false)) return std::nullopt;
  auto proved = backend.market.prove(Record::table, key.bytes);
  CHECK(proved.has_value());
  return std::move(*proved);
}

/// The parameter and the reply's field of the methods that use it.
inline constexpr std::string_view kProofParam = "True for a proof of the record with the reply.";
inline constexpr std::string_view kProofReply =
    "The record as chain_getProof gives it; null when not asked for.";

}  // namespace bourse::rpc
