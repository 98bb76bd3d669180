// SPDX-License-Identifier: Apache-2.0
//
// The part of the state tree below one prefix, with its own memory, so that several threads can
// work on several of them. An inner node is a line of 64 bytes, the two hashes that its own is
// over, and two references; the lowest levels are not stored: up to ten leaves lie in a bucket,
// and what stands between them and its top is hashed again when one of them changes. Of a leaf only
// its hash is kept, and its name, by which a LeafSource has the rest. That makes 52 bytes a key.
#pragma once

#include <span>

#include "base/state_proof.hpp"
#include "chain/chunks.hpp"

namespace bourse::chain {

/// What the tree's owner calls a leaf; as long as the tree has the leaf it stays the same.
enum class LeafName : std::uint32_t {};

struct NamedLeaf {
  StateLeaf leaf;
  LeafName name{};
};

/// Has what the tree does not keep of its leaves.
class LeafSource {
 public:
  virtual ~LeafSource() = default;
  virtual Hash key(LeafName name) const = 0;
  virtual Hash value(LeafName name) const = 0;
};

/// Writes a proof from the root down.
class ProofWriter {
 public:
  ProofWriter(const Hash& key, const LeafSource& source) : key_(key), source_(source) {}

  const Hash& key() const { return key_; }
  const LeafSource& source() const { return source_; }
  std::size_t depth() const { return depth_; }
  void step(const Hash& sibling);
  void end_at(LeafName leaf);
  StateProof take() { return std::move(proof_); }

 private:
  const Hash& key_;
  const LeafSource& source_;
  StateProof proof_;
  std::size_t depth_ = 0;
};

class StateSubtree {
 public:
  /// A leaf as the tree keeps it.
  struct Leaf {
    Hash hash;
    /// The first bits of the key, which nearly always tell the leaves of a bucket apart.
    std::uint32_t key_start = 0;
    LeafName name{};
  };
  /// One that an update moves to its place. `fresh` is what its hash is to be over, or nullptr when
  /// it has its hash already.
  struct Item {
    Leaf leaf;
    const StateLeaf* fresh = nullptr;

    static Item of(const NamedLeaf& named);
  };

  /// Sets these leaves, whose keys differ from each other and agree in their first `depth` bits.
  /// Their order is changed. The source has them and all that were set before.
  void update(std::span<Item> items, std::size_t depth, const LeafSource& source);

  const Hash& root() const { return root_; }
  std::uint64_t size() const { return size_; }
  /// The only leaf of a subtree of size 1.
  LeafName only_leaf() const;
  /// Goes on from the subtree's root.
  void prove(ProofWriter& proof) const;

 private:
  static constexpr std::uint32_t kBucketMax = 10;
  /// How many paths are walked together before their leaves are set.
  static constexpr std::size_t kAhead = 16;
  /// Hashes of so many leaves are computed together, while they are in the cache.
  static constexpr std::size_t kTogether = 128;

  /// What stands at a place: nothing, a bucket of 1 to 10 leaves, or an inner node.
  struct Ref {
    static constexpr std::uint32_t kInner = 15;
    std::uint32_t bits = 0;

    static Ref inner(std::uint32_t index) { return {index << 4 | kInner}; }
    static Ref bucket(std::uint32_t index, std::uint32_t count) { return {index << 4 | count}; }
    bool is_inner() const { return (bits & 15) == kInner; }
    std::uint32_t count() const { return bits & 15; }
    std::uint32_t index() const { return bits >> 4; }
  };
  using Siblings = std::array<Hash, 2>;
  struct alignas(64) Line {
    Siblings children;
  };
  class Update;

  void set(Ref& place, std::span<Item> items, std::size_t depth, Hash& hash, Update& update);
  bool replace(Ref place, std::span<const Item> items, std::size_t depth, Hash& hash,
               Update& update);
  void set_inner(Ref place, std::span<Item> items, std::size_t depth, Hash& hash, Update& update);
  void fill(Ref& place, std::span<Item> items, std::size_t depth, Hash& hash, Update& update);
  std::span<const Leaf> bucket(Ref place) const;
  void fetch_ahead(Ref place, std::span<const Item> items, std::size_t depth) const;

  Chunks<Line> lines_;
  Chunks<std::array<Ref, 2>> refs_;  // in the order of the lines
  Chunks<Leaf> leaves_;              // those of a bucket in the order of their keys
  std::array<std::vector<std::uint32_t>, kBucketMax + 1> free_;  // buckets by their size
  Ref top_;
  Hash root_;
  std::uint64_t size_ = 0;
};

}  // namespace bourse::chain
