// SPDX-License-Identifier: Apache-2.0
#include "chain/block.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/merkle.hpp"

namespace bourse::chain {

Hash header_hash(const Header& header) { return tagged_hash("bourse/header", encode(header)); }

Hash transactions_root(std::vector<Hash> ids) { return merkle_root(std::move(ids)); }

Hash receipts_root(std::span<const Receipt> receipts, std::span<const Bytes> events) {
  CborWriter encoded;
  std::vector<std::size_t> ends;
  ends.reserve(receipts.size());
  for (const Receipt& receipt : receipts) {
    write(encoded, receipt);
    ends.push_back(encoded.view().size());
  }
  std::vector<ByteView> list;
  list.reserve(receipts.size() + events.size());
  for (std::size_t begin = 0; const std::size_t end : ends) {
    list.push_back(encoded.view().subspan(begin, end - begin));
    begin = end;
  }
  list.insert(list.end(), events.begin(), events.end());
  return merkle_root(merkle_leaves(list));
}

Result<void> verify_block(const Block& block, std::vector<Hash> ids, const Header* previous) {
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
  if (header.transactions_root != transactions_root(std::move(ids))) {
    return invalid("has another list of transactions than its header says");
  }
  if (!ed25519_verify(header.proposer, header_hash(header).bytes, block.signature)) {
    return invalid("is not signed by its proposer");
  }
  return {};
}

}  // namespace bourse::chain
