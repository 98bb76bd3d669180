// SPDX-License-Identifier: Apache-2.0
//
// The part of the state tree below one prefix, with its own memory, so that several threads can
// work on several of them. An inner node is a line of 64 bytes, the two hashes that its own is
// over, and two references; the lowest levels are not stored: up to three leaves lie in a bucket
// and are hashed again when one of them changes. That makes about 97 bytes a key, 64 of them the
// leaf.
#pragma once

#include <span>

#include "base/state_proof.hpp"
#include "chain/chunks.hpp"

namespace bourse::chain {

/// Writes a proof from the root down.
class ProofWriter {
 public:
  void step(const Hash& sibling);
  void end_at(const StateLeaf& leaf, const Hash& key);
  std::size_t depth() const { return depth_; }
  StateProof take() { return std::move(proof_); }

 private:
  StateProof proof_;
  std::size_t depth_ = 0;
};

class StateSubtree {
 public:
  /// Sets these leaves, whose keys differ from each other and agree in their first `depth` bits.
  /// Their order is changed.
  void update(std::span<StateLeaf> leaves, std::size_t depth);

  const Hash& root() const { return root_; }
  std::uint64_t size() const { return size_; }
  /// The only leaf of a subtree of size 1.
  const StateLeaf& only_leaf() const;
  /// Goes on from the subtree's root.
  void prove(const Hash& key, ProofWriter& proof) const;

 private:
  static constexpr std::uint32_t kBucketMax = 3;
  /// How many paths are walked together before their leaves are set.
  static constexpr std::size_t kAhead = 16;
  /// Hashes of so many leaves are computed together, while they are in the cache.
  static constexpr std::size_t kTogether = 128;

  /// What stands at a place: nothing, a bucket of 1 to 3 leaves, or an inner node.
  struct Ref {
    static constexpr std::uint32_t kInner = 7;
    std::uint32_t bits = 0;

    static Ref inner(std::uint32_t index) { return {index << 3 | kInner}; }
    static Ref bucket(std::uint32_t index, std::uint32_t count) { return {index << 3 | count}; }
    bool is_inner() const { return (bits & 7) == kInner; }
    std::uint32_t count() const { return bits & 7; }
    std::uint32_t index() const { return bits >> 3; }
  };
  struct alignas(64) Line {
    std::array<Hash, 2> children;
  };
  class DueHashes;

  void set(Ref& place, std::span<StateLeaf> leaves, std::size_t depth, Hash& hash, DueHashes& due);
  void set_inner(Ref place, std::span<StateLeaf> leaves, std::size_t depth, Hash& hash,
                 DueHashes& due);
  void fill(Ref& place, std::span<StateLeaf> leaves, std::size_t depth, Hash& hash, DueHashes& due);
  std::span<const StateLeaf> bucket(Ref place) const;
  void fetch_ahead(Ref place, std::span<const StateLeaf> leaves, std::size_t depth) const;

  Chunks<Line> lines_;
  Chunks<std::array<Ref, 2>> refs_;  // in the order of the lines
  Chunks<StateLeaf> leaves_;
  std::array<std::vector<std::uint32_t>, kBucketMax + 1> free_;  // buckets by their size
  Ref top_;
  Hash root_;
  std::uint64_t size_ = 0;
};

}  // namespace bourse::chain
