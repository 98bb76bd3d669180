// SPDX-License-Identifier: Apache-2.0
//
// A block: a signed header over the transactions, what became of them, and the system events that
// the state machine caused by itself. SPEC 3.3.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"
#include "base/result.hpp"

namespace bourse::chain {

struct Header {
  std::uint32_t protocol = 1;
  Hash chain_id;
  Height height;
  TimeMs time;
  Hash previous;
  Hash transactions_root;
  Hash receipts_root;
  Hash state_root;
  ConsensusKey proposer;

  static constexpr auto fields() {
    return std::tuple{
        field("protocol", &Header::protocol, "The rules that this block was executed under."),
        field("chain_id", &Header::chain_id, "Tagged hash of the genesis."),
        field("height", &Header::height, "Number of the block; the first is 1."),
        field("time", &Header::time, "Block time in ms; never earlier than the previous block's."),
        field("previous", &Header::previous, "Hash of the previous header; zero in block 1."),
        field("transactions_root", &Header::transactions_root,
              "Merkle root of the transactions' ids."),
        field("receipts_root", &Header::receipts_root, "Merkle root of receipts, then events."),
        field("state_root", &Header::state_root, "State root after the previous block."),
        field("proposer", &Header::proposer, "Consensus key of the validator that made it.")};
  }
};

/// What became of a transaction. Error 0 is success; with any other the fee was charged and nothing
/// else happened.
struct Receipt {
  Hash tx;
  std::uint16_t error = 0;
  std::uint16_t operation = 0;
  Amount fee;

  friend bool operator==(const Receipt&, const Receipt&) = default;

  static constexpr auto fields() {
    return std::tuple{
        field("tx", &Receipt::tx, "Id of the transaction."),
        field("error", &Receipt::error, "0, or the number of the error that undid it."),
        field("operation", &Receipt::operation,
              "Index of the operation that failed; 0 on success."),
        field("fee", &Receipt::fee, "What the sender paid, in grains.")};
  }
};

struct Block {
  Header header;
  Signature signature;
  std::vector<Bytes> transactions;
  std::vector<Receipt> receipts;
  std::vector<Bytes> events;

  static constexpr auto fields() {
    return std::tuple{
        field("header", &Block::header, "The header."),
        field("signature", &Block::signature,
              "The proposer's ed25519 signature of the header hash."),
        field("transactions", &Block::transactions, "Raw transactions in order."),
        field("receipts", &Block::receipts, "One receipt per transaction, in the same order."),
        field("events", &Block::events,
              "System events in order; an event's id is (height, index).")};
  }
};

/// The tagged hash `bourse/header` of the canonical header: the block's name.
Hash header_hash(const Header& header);

/// Over the ids of transactions. They are the leaves themselves: a raw transaction begins with 0x82
/// and what is hashed for a node with 0x01, so neither can pass for the other.
Hash transactions_root(std::vector<Hash> ids);
/// Receipts come first and events after them, as one list of leaves.
Hash receipts_root(std::span<const Receipt> receipts, std::span<const Bytes> events);

/// Checks what a block says of itself: its place after `previous`, the `ids` of its transactions
/// and the signature. Receipts and events are for the one who executes it, who has his own. Error
/// kind: block_invalid.
Result<void> verify_block(const Block& block, std::vector<Hash> ids, const Header* previous);

}  // namespace bourse::chain
