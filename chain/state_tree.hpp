// SPDX-License-Identifier: Apache-2.0
//
// The tree whose root stands for the whole state: a binary trie over the hashes of all records, in
// which a subtree with one leaf is that leaf. The root depends on what the tree holds and on
// nothing else: not on order, batches or threads. SPEC 4.1.
//
// It is a plain object: who shares it between threads guards it.
#pragma once

#include "chain/state_subtree.hpp"
#include "chain/worker_pool.hpp"

namespace bourse::chain {

/// The leaf's key: tagged hash `bourse/key` of (table name, record key).
Hash state_key(std::string_view table, ByteView key);
/// The same for many records of a table.
std::vector<Hash> state_keys(std::string_view table, std::span<const ByteView> keys);

class StateTree {
 public:
  /// Sets these leaves, whose keys differ from each other. The source has them and all that were
  /// set before; any thread of the pool asks it.
  void update(std::span<const NamedLeaf> leaves, const LeafSource& source, WorkerPool& pool);

  Hash root() const { return hash_of(subtrees_); }
  std::uint64_t size() const { return size_of(subtrees_); }
  /// Proves what the key holds, or that it holds nothing.
  StateProof prove(const Hash& key, const LeafSource& source) const;

 private:
  /// Bits of the key that choose the subtree: as many threads can be of use.
  static constexpr std::size_t kTopBits = 4;
  using Subtrees = std::span<const StateSubtree>;

  static Hash hash_of(Subtrees subtrees);
  static std::uint64_t size_of(Subtrees subtrees);

  std::array<StateSubtree, 1 << kTopBits> subtrees_;
};

}  // namespace bourse::chain
