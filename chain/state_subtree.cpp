// SPDX-License-Identifier: Apache-2.0
#include "chain/state_subtree.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>

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

void StateSubtree::update(std::span<StateLeaf> leaves, std::size_t depth) {
  if (!leaves.empty()) root_ = update(top_, leaves, depth);
}

Hash StateSubtree::update(Ref& place, std::span<StateLeaf> leaves, std::size_t depth) {
  if (place.is_inner()) {
    const Halves parts = halves(leaves, depth);
    std::array<Ref, 2>& refs = refs_[place.index()];
    Line& line = lines_[place.index()];
    for (const std::size_t side : {0U, 1U}) {
      if (parts[side].empty()) continue;
      if (leaves.size() > kAhead && parts[side].size() <= kAhead) {
        fetch_ahead(refs[side], parts[side], depth + 1);
      }
      line.children[side] = update(refs[side], parts[side], depth + 1);
    }
    return node_hash(line.children);
  }
  if (place.count() == 0) {
    size_ += leaves.size();
    return build(place, leaves, depth);
  }
  boost::container::small_vector<StateLeaf, 2 * kBucketMax> all(leaves.begin(), leaves.end());
  for (const StateLeaf& old : bucket(place)) {
    const auto has_key = [&](const StateLeaf& leaf) { return leaf.key == old.key; };
    if (std::none_of(leaves.begin(), leaves.end(), has_key)) all.push_back(old);
  }
  size_ += all.size() - place.count();
  free_[place.count()].push_back(place.index());
  return build(place, all, depth);
}

/// Makes a subtree of all the leaves at a place that holds none.
Hash StateSubtree::build(Ref& place, std::span<StateLeaf> leaves, std::size_t depth) {
  if (leaves.size() > kBucketMax) {
    const Halves parts = halves(leaves, depth);
    place = Ref::inner(lines_.add());
    refs_.add();
    std::array<Ref, 2>& refs = refs_[place.index()];
    Line& line = lines_[place.index()];
    for (const std::size_t side : {0U, 1U}) {
      line.children[side] = build(refs[side], parts[side], depth + 1);
    }
    return node_hash(line.children);
  }
  const auto count = static_cast<std::uint32_t>(leaves.size());
  if (count == 0) {
    place = {};
    return {};
  }
  const Hash hash = hash_of(leaves, depth);
  auto& free = free_[count];
  const std::uint32_t index = free.empty() ? leaves_.add(count) : free.back();
  if (!free.empty()) free.pop_back();
  std::copy(leaves.begin(), leaves.end(), &leaves_[index]);
  place = Ref::bucket(index, count);
  return hash;
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
