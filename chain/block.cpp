// SPDX-License-Identifier: Apache-2.0
#include "chain/block.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/merkle.hpp"

namespace bourse::chain {

Hash header_hash(const Header& header) { return tagged_hash("bourse/header", encode(header)); }

Hash transactions_root(std::span<const Bytes> transactions) {
  std::vector<Hash> leaves;
  leaves.reserve(transactions.size());
  for (const Bytes& raw : transactions) leaves.push_back(merkle_leaf(raw));
  return merkle_root(leaves);
}

Hash receipts_root(std::span<const Receipt> receipts, std::span<const Bytes> events) {
  std::vector<Hash> leaves;
  leaves.reserve(receipts.size() + events.size());
  for (const Receipt& receipt : receipts) leaves.push_back(merkle_leaf(encode(receipt)));
  for (const Bytes& event : events) leaves.push_back(merkle_leaf(event));
  return merkle_root(leaves);
}

Result<void> verify_block(const Block& block, const Header* previous) {
  const Header& header = block.header;
  const auto invalid = [&](const char* why) {
    return Error{"block_invalid", "block " + std::to_string(header.height.value()) + " " + why};
  };
  const Height expected(previous ? previous->height.value() + 1 : 1);
  if (header.height != expected) return invalid("is not the next one");
  if (header.previous != (previous ? header_hash(*previous) : Hash{})) {
    return invalid("does not follow the block before it");
  }
  if (previous && header.time < previous->time) return invalid("has a time that runs back");
  if (header.transactions_root != transactions_root(block.transactions)) {
    return invalid("has another list of transactions than its header says");
  }
  if (!ed25519_verify(header.proposer, header_hash(header).bytes, block.signature)) {
    return invalid("is not signed by its proposer");
  }
  return {};
}

}  // namespace bourse::chain
