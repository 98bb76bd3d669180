// SPDX-License-Identifier: Apache-2.0
//
// The rule of the state tree, and proofs against its root. The tree is a binary trie over 256-bit
// keys in which a subtree with one leaf is that leaf: all that a client needs to check a record, or
// the absence of one, is here and in a header. SPEC 4.1, 4.3.
#pragma once

#include <optional>
#include <vector>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace bourse {

/// What the tree holds: a key, and the SHA-256 of the bytes that stand under it.
struct StateLeaf {
  Hash key;
  Hash value;

  static constexpr auto fields() {
    return std::tuple{field("key", &StateLeaf::key, "State key."),
                      field("value", &StateLeaf::value, "SHA-256 of the record's bytes.")};
  }
};

/// The way from the root down to where a key is or would be. It has no depth of its own: the last
/// step's sibling is never empty, or the two would have been one.
struct StateProof {
  Bytes bitmap;
  std::vector<Hash> siblings;
  std::optional<StateLeaf> other;

  static constexpr auto fields() {
    return std::tuple{
        field("bitmap", &StateProof::bitmap,
              "Bit i, from the most significant of the first byte, is set when the sibling at "
              "depth i + 1 is not empty; no zero byte at the end."),
        field("siblings", &StateProof::siblings, "The siblings that are not empty, from the root."),
        field("other", &StateProof::other,
              "For an absent key, the leaf that stands in its place, if one does.")};
  }
};

/// Bit `depth` of a key, from the most significant of the first byte: which way its path turns.
constexpr bool path_bit(const Hash& key, std::size_t depth) {
  return (key.bytes[depth / 8] >> (7 - depth % 8) & 1) != 0;
}

/// The first bit tells the hash of a leaf (1) from that of an inner node (0), so that neither can
/// pass for the other although both are over 64 bytes.
constexpr bool is_leaf_hash(const Hash& hash) { return hash.bytes[0] >= 0x80; }
constexpr void mark_leaf_hash(Hash& hash) { hash.bytes[0] |= 0x80; }
constexpr void mark_node_hash(Hash& hash) { hash.bytes[0] &= 0x7f; }
Hash leaf_hash(const StateLeaf& leaf);
/// The hash of two siblings that lie together, left first. Empty is zero; empty and a leaf make
/// that leaf.
Hash node_hash(const std::array<Hash, 2>& children);

/// Checks that under `root` the key holds `value`, or nothing when that is absent. Exactly one
/// proof is accepted for one fact. Error kinds: proof_malformed, proof_of_other_fact,
/// proof_root_mismatch.
Result<void> verify_state_proof(const Hash& root, const Hash& key, const std::optional<Hash>& value,
                                const StateProof& proof);

}  // namespace bourse
