// SPDX-License-Identifier: Apache-2.0
#include "chain/state_tree.hpp"

#include "base/crypto.hpp"

namespace bourse::chain {
namespace {

/// Fewer take less time than waking a helper.
constexpr std::size_t kLeavesToShareMin = 128;

}  // namespace

Hash state_key(std::string_view table, ByteView key) {
  return state_keys(table, {&key, 1}).front();
}

std::vector<Hash> state_keys(std::string_view table, std::span<const ByteView> keys) {
  static const Sha256 hasher = tagged_hasher("bourse/key");
  Bytes messages;
  std::vector<std::size_t> ends;
  ends.reserve(keys.size());
  for (const ByteView key : keys) {
    // The table's name and a zero byte come first: names hold no zero, so no two pairs collide.
    append(messages, as_bytes(table));
    messages.push_back(0);
    append(messages, key);
    ends.push_back(messages.size());
  }
  std::vector<Hash> out(keys.size());
  sha256_each(hasher, messages, ends, out);
  return out;
}

void StateTree::update(std::span<const NamedLeaf> leaves, const LeafSource& source,
                       WorkerPool& pool) {
  std::array<std::vector<StateSubtree::Item>, 1 << kTopBits> parts;
  for (auto& part : parts) part.reserve(leaves.size() / parts.size() * 9 / 8);
  for (const NamedLeaf& named : leaves) {
    parts[named.leaf.key.bytes[0] >> (8 - kTopBits)].push_back(StateSubtree::Item::of(named));
  }
  const std::size_t grain = leaves.size() < kLeavesToShareMin ? parts.size() : 1;
  pool.run(parts.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) subtrees_[i].update(parts[i], kTopBits, source);
  });
}

Hash StateTree::hash_of(Subtrees subtrees) {
  if (subtrees.size() == 1) return subtrees[0].root();
  const std::size_t half = subtrees.size() / 2;
  return node_hash({hash_of(subtrees.first(half)), hash_of(subtrees.subspan(half))});
}

std::uint64_t StateTree::size_of(Subtrees subtrees) {
  std::uint64_t size = 0;
  for (const StateSubtree& subtree : subtrees) size += subtree.size();
  return size;
}

StateProof StateTree::prove(const Hash& key, const LeafSource& source) const {
  ProofWriter proof(key, source);
  Subtrees path = subtrees_;
  while (path.size() > 1 && size_of(path) > 1) {
    const std::size_t half = path.size() / 2;
    const bool is_right = path_bit(key, proof.depth());
    const Subtrees left = path.first(half);
    const Subtrees right = path.subspan(half);
    proof.step(hash_of(is_right ? left : right));
    path = is_right ? right : left;
  }
  if (path.size() == 1) {
    path[0].prove(proof);
  } else {
    for (const StateSubtree& subtree : path) {
      if (subtree.size() == 1) proof.end_at(subtree.only_leaf());
    }
  }
  return proof.take();
}

}  // namespace bourse::chain
