// SPDX-License-Identifier: Apache-2.0
#include "chain/state_subtree.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <deque>

#include "base/crypto.hpp"

namespace bourse::chain {
namespace {

using Halves = std::array<std::span<StateLeaf>, 2>;

/// Orders the leaves by the bit at which they part.
Halves halves(std::span<StateLeaf> leaves, std::size_t depth) {
  const auto middle = std::partition(leaves.begin(), leaves.end(), [&](const StateLeaf& leaf) {
    return !path_bit(leaf.key, depth);
  });
  const auto left = static_cast<std::size_t>(middle - leaves.begin());
  return {leaves.first(left), leaves.subspan(left)};
}

/// The hash of a subtree of which nothing is stored but its leaves.
Hash hash_of(std::span<StateLeaf> leaves, std::size_t depth) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaf_hash(leaves[0]);
  const Halves parts = halves(leaves, depth);
  return node_hash({hash_of(parts[0], depth + 1), hash_of(parts[1], depth + 1)});
}

}  // namespace

void ProofWriter::step(const Hash& sibling) {
  if (!sibling.is_zero()) {
    proof_.bitmap.resize(depth_ / 8 + 1);
    proof_.bitmap.back() = static_cast<std::uint8_t>(proof_.bitmap.back() | 0x80 >> depth_ % 8);
    proof_.siblings.push_back(sibling);
  }
  ++depth_;
}

void ProofWriter::end_at(const StateLeaf& leaf, const Hash& key) {
  if (leaf.key != key) proof_.other = leaf;
}

/// The hashes that an update makes necessary. They are computed level by level from the deepest up,
/// because those of a level do not wait for each other.
class StateSubtree::DueHashes {
 public:
  void add_node(const Line& line, std::size_t depth, Hash& hash) {
    if (nodes_.size() <= depth) nodes_.resize(depth + 1);
    nodes_[depth].push_back({line.children[0].data(), &hash});
  }

  /// The bucket's leaves and what stands above them, which nobody stores.
  void add_bucket(std::span<StateLeaf> leaves, std::size_t depth, Hash& hash) {
    if (leaves.size() == 1) {
      leaves_.push_back({leaves[0].key.data(), &hash});
    } else if (leaves.size() > 1) {
      Line& line = unstored_.emplace_back();
      const Halves parts = halves(leaves, depth);
      add_bucket(parts[0], depth + 1, line.children[0]);
      add_bucket(parts[1], depth + 1, line.children[1]);
      add_node(line, depth, hash);
    }
  }

  void compute() {
    sha256_pairs(leaves_);
    for (const Sha256Pair& leaf : leaves_) mark_leaf_hash(*leaf.hash);
    leaves_.clear();
    for (auto level = nodes_.rbegin(); level != nodes_.rend(); ++level) {
      sha256_pairs(*level);
      for (const Sha256Pair& node : *level) mark_node_hash(*node.hash);
      level->clear();
    }
    unstored_.clear();
  }

 private:
  static_assert(sizeof(Line) == 64 && sizeof(StateLeaf) == 64);
  std::vector<Sha256Pair> leaves_;
  std::vector<std::vector<Sha256Pair>> nodes_;  // by depth
  std::deque<Line> unstored_;
};

void StateSubtree::update(std::span<StateLeaf> leaves, std::size_t depth) {
  if (leaves.empty()) return;
  DueHashes due;
  set(top_, leaves, depth, root_, due);
  due.compute();
}

/// Sets leaves below `place`; the hash of what stands there then is due.
void StateSubtree::set(Ref& place, std::span<StateLeaf> leaves, std::size_t depth, Hash& hash,
                       DueHashes& due) {
  if (place.is_inner()) return set_inner(place, leaves, depth, hash, due);
  if (place.count() == 0) return fill(place, leaves, depth, hash, due);
  boost::container::small_vector<StateLeaf, 2 * kBucketMax> all(leaves.begin(), leaves.end());
  for (const StateLeaf& old : bucket(place)) {
    const auto has_key = [&](const StateLeaf& leaf) { return leaf.key == old.key; };
    if (std::none_of(leaves.begin(), leaves.end(), has_key)) all.push_back(old);
  }
  size_ -= place.count();
  free_[place.count()].push_back(place.index());
  fill(place, all, depth, hash, due);
}

void StateSubtree::set_inner(Ref place, std::span<StateLeaf> leaves, std::size_t depth, Hash& hash,
                             DueHashes& due) {
  std::array<Ref, 2>& refs = refs_[place.index()];
  Line& line = lines_[place.index()];
  if (leaves.size() == 1) {
    due.add_node(line, depth, hash);
    const bool side = path_bit(leaves[0].key, depth);
    return set(refs[side], leaves, depth + 1, line.children[side], due);
  }
  const Halves parts = halves(leaves, depth);
  for (const std::size_t side : {0U, 1U}) {
    if (parts[side].empty()) continue;
    if (leaves.size() > kAhead && parts[side].size() <= kAhead) {
      fetch_ahead(refs[side], parts[side], depth + 1);
    }
    set(refs[side], parts[side], depth + 1, line.children[side], due);
  }
  due.add_node(line, depth, hash);
  if (leaves.size() > kTogether) due.compute();
}

/// Puts all the leaves at a place that holds none.
void StateSubtree::fill(Ref& place, std::span<StateLeaf> leaves, std::size_t depth, Hash& hash,
                        DueHashes& due) {
  if (leaves.size() > kBucketMax) {
    place = Ref::inner(lines_.add());
    refs_.add();
    return set_inner(place, leaves, depth, hash, due);
  }
  const auto count = static_cast<std::uint32_t>(leaves.size());
  auto& free = free_[count];
  const std::uint32_t index = free.empty() ? leaves_.add(count) : free.back();
  if (!free.empty()) free.pop_back();
  StateLeaf* const stored = &leaves_[index];
  std::copy(leaves.begin(), leaves.end(), stored);
  place = Ref::bucket(index, count);
  size_ += count;
  due.add_bucket({stored, count}, depth, hash);
}

std::span<const StateLeaf> StateSubtree::bucket(Ref place) const {
  if (place.count() == 0) return {};
  return {&leaves_[place.index()], place.count()};
}

/// Walks all the paths at once, so that their cache misses overlap instead of following each other.
void StateSubtree::fetch_ahead(Ref place, std::span<const StateLeaf> leaves,
                               std::size_t depth) const {
  std::array<Ref, kAhead> places;
  places.fill(place);
  for (bool any = true; any; ++depth) {
    any = false;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      Ref& at = places[i];
      if (!at.is_inner()) continue;
      at = refs_[at.index()][path_bit(leaves[i].key, depth)];
      if (at.is_inner()) {
        any = true;
        __builtin_prefetch(&refs_[at.index()]);
        __builtin_prefetch(&lines_[at.index()], 1);
      } else {
        for (const StateLeaf& leaf : bucket(at)) __builtin_prefetch(&leaf, 1);
      }
    }
  }
}

const StateLeaf& StateSubtree::only_leaf() const {
  CHECK(size_ == 1);
  return leaves_[top_.index()];
}

void StateSubtree::prove(const Hash& key, ProofWriter& proof) const {
  Ref place = top_;
  while (place.is_inner()) {
    const bool side = path_bit(key, proof.depth());
    proof.step(lines_[place.index()].children[!side]);
    place = refs_[place.index()][side];
  }
  const auto stored = bucket(place);
  std::vector<StateLeaf> copy(stored.begin(), stored.end());
  std::span<StateLeaf> leaves = copy;
  while (leaves.size() > 1) {
    const bool side = path_bit(key, proof.depth());
    const Halves parts = halves(leaves, proof.depth());
    proof.step(hash_of(parts[!side], proof.depth() + 1));
    leaves = parts[side];
  }
  if (!leaves.empty()) proof.end_at(leaves[0], key);
}

}  // namespace bourse::chain
