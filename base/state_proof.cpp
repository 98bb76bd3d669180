// SPDX-License-Identifier: Apache-2.0
#include "base/state_proof.hpp"

#include <bit>
#include <cstring>

#include "base/crypto.hpp"

namespace bourse {
namespace {

Error malformed(std::string why) { return {"proof_malformed", "the proof is malformed: " + why}; }

bool has_sibling(const StateProof& proof, std::size_t level) {
  return (proof.bitmap[level / 8] >> (7 - level % 8) & 1) != 0;
}

Result<void> check_shape(const StateProof& proof) {
  if (proof.bitmap.size() > Hash::size()) return malformed("its bitmap has more than 256 bits");
  if (!proof.bitmap.empty() && proof.bitmap.back() == 0) {
    return malformed("its bitmap ends in a zero byte");
  }
  std::size_t count = 0;
  for (const std::uint8_t byte : proof.bitmap)
    count += static_cast<std::size_t>(std::popcount(byte));
  if (proof.siblings.size() != count) return malformed("bitmap and siblings do not agree");
  for (const Hash& sibling : proof.siblings) {
    if (sibling.is_zero()) return malformed("an empty sibling is listed");
  }
  return {};
}

/// How many steps the path has: up to the last sibling.
std::size_t depth_of(const StateProof& proof) {
  if (proof.bitmap.empty()) return 0;
  return 8 * proof.bitmap.size() - static_cast<std::size_t>(std::countr_zero(proof.bitmap.back()));
}

/// The hash at the end of the path, for the fact that is claimed.
Result<Hash> end_of_path(const Hash& key, const std::optional<Hash>& value,
                         const StateProof& proof) {
  const std::size_t depth = depth_of(proof);
  if (value) {
    if (proof.other) {
      return Error{"proof_of_other_fact", "the proof is of an absent record, not of this one"};
    }
    return leaf_hash({key, *value});
  }
  if (!proof.other) {
    if (!proof.siblings.empty() && is_leaf_hash(proof.siblings.back())) {
      return malformed("a leaf beside an empty place stands too deep");
    }
    return Hash{};
  }
  if (proof.other->key == key) {
    return Error{"proof_of_other_fact", "the proof is of a present record, not of its absence"};
  }
  for (std::size_t level = 0; level < depth; ++level) {
    if (path_bit(proof.other->key, level) != path_bit(key, level)) {
      return malformed("its other leaf is not on the path of the key");
    }
  }
  return leaf_hash(*proof.other);
}

}  // namespace

Hash leaf_hash(const StateLeaf& leaf) {
  std::array<std::uint8_t, 64> pair;
  std::memcpy(pair.data(), leaf.key.data(), 32);
  std::memcpy(pair.data() + 32, leaf.value.data(), 32);
  Hash out = sha256_pair(pair);
  mark_leaf_hash(out);
  return out;
}

Hash node_hash(const std::array<Hash, 2>& children) {
  const auto& [left, right] = children;
  if (left.is_zero() && (right.is_zero() || is_leaf_hash(right))) return right;
  if (right.is_zero() && is_leaf_hash(left)) return left;
  static_assert(sizeof children == 64);
  Hash out = sha256_pair(std::span<const std::uint8_t, 64>(left.data(), 64));
  mark_node_hash(out);
  return out;
}

Result<void> verify_state_proof(const Hash& root, const Hash& key, const std::optional<Hash>& value,
                                const StateProof& proof) {
  TRY(check_shape(proof));
  TRY_ASSIGN(Hash hash, end_of_path(key, value, proof));
  auto sibling = proof.siblings.rbegin();
  for (std::size_t level = depth_of(proof); level-- > 0;) {
    const Hash other = has_sibling(proof, level) ? *sibling++ : Hash{};
    const bool is_right = path_bit(key, level);
    hash = node_hash(is_right ? std::array{other, hash} : std::array{hash, other});
  }
  if (hash != root) {
    return Error{"proof_root_mismatch", "the proof leads to another root than the header's"};
  }
  return {};
}

}  // namespace bourse
