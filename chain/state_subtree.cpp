// SPDX-License-Identifier: Apache-2.0
#include "chain/state_subtree.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "base/crypto.hpp"

namespace bourse::chain {
namespace {

using Leaf = StateSubtree::Leaf;
using Item = StateSubtree::Item;

/// How many bits of its key a leaf has with it.
constexpr std::size_t kStartBits = 32;

std::uint32_t start_of(const Hash& key) {
  std::uint32_t start = 0;
  for (std::size_t i = 0; i < kStartBits / 8; ++i) start = start << 8 | key.bytes[i];
  return start;
}

/// Whether the path of this leaf turns right at `depth`.
bool turns_right(const Leaf& leaf, std::size_t depth, const LeafSource& source) {
  if (depth < kStartBits) return (leaf.key_start >> (kStartBits - 1 - depth) & 1) != 0;
  return path_bit(source.key(leaf.name), depth);
}

bool key_before(const Leaf& a, const Leaf& b, const LeafSource& source) {
  if (a.key_start != b.key_start) return a.key_start < b.key_start;
  return source.key(a.name) < source.key(b.name);
}

template <class T>
using Halves = std::array<std::span<T>, 2>;

/// Those that turn left and those that turn right, of leaves in the order of their keys.
Halves<const Leaf> halves(std::span<const Leaf> leaves, std::size_t depth,
                          const LeafSource& source) {
  std::size_t left = 0;
  while (left < leaves.size() && !turns_right(leaves[left], depth, source)) ++left;
  return {leaves.first(left), leaves.subspan(left)};
}

/// The hash of a subtree of which nothing is stored but its leaves.
Hash hash_of(std::span<const Leaf> leaves, std::size_t depth, const LeafSource& source) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaves[0].hash;
  const auto parts = halves(leaves, depth, source);
  return node_hash({hash_of(parts[0], depth + 1, source), hash_of(parts[1], depth + 1, source)});
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

void ProofWriter::end_at(LeafName leaf) {
  const Hash key = source_.key(leaf);
  if (key != key_) proof_.other = StateLeaf{key, source_.value(leaf)};
}

StateSubtree::Item StateSubtree::Item::of(const NamedLeaf& named) {
  return {{{}, start_of(named.leaf.key), named.name}, &named.leaf};
}

/// The hashes that an update makes necessary. They are computed level by level from the deepest up,
/// because those of a level do not wait for each other.
class StateSubtree::Update {
 public:
  explicit Update(const LeafSource& source) : source(source) {}

  void add_node(const Siblings& children, std::size_t depth, Hash& hash) {
    if (nodes_.size() <= depth) nodes_.resize(depth + 1);
    nodes_[depth].push_back({children[0].data(), &hash});
  }

  /// What stands above the leaves of a bucket nobody stores. Each leaf's hash is to be over what
  /// `fresh` has for it, or stays.
  void add_bucket(std::span<Leaf> leaves, const StateLeaf* const* fresh, std::size_t depth,
                  Hash& hash) {
    if (leaves.size() == 1) return add_leaf(leaves[0], *fresh, hash);
    Siblings& children = unstored_[unstored_.add()];
    const std::size_t left = halves(leaves, depth, source)[0].size();
    add_half(leaves.first(left), fresh, depth + 1, children[0]);
    add_half(leaves.subspan(left), fresh + left, depth + 1, children[1]);
    add_node(children, depth, hash);
  }

  void compute() {
    sha256_pairs(leaves_);
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      mark_leaf_hash(*leaves_[i].hash);
      *copies_[i] = *leaves_[i].hash;
    }
    leaves_.clear();
    copies_.clear();
    for (auto level = nodes_.rbegin(); level != nodes_.rend(); ++level) {
      sha256_pairs(*level);
      for (const Sha256Pair& node : *level) mark_node_hash(*node.hash);
      level->clear();
    }
    unstored_.clear();
  }

  const LeafSource& source;

 private:
  static_assert(sizeof(Siblings) == 64 && sizeof(StateLeaf) == 64);

  void add_half(std::span<Leaf> leaves, const StateLeaf* const* fresh, std::size_t depth,
                Hash& hash) {
    if (leaves.empty()) {
      hash = {};
    } else {
      add_bucket(leaves, fresh, depth, hash);
    }
  }

  void add_leaf(Leaf& leaf, const StateLeaf* fresh, Hash& hash) {
    if (fresh) {
      leaves_.push_back({fresh->key.data(), &hash});
      copies_.push_back(&leaf.hash);
    } else {
      hash = leaf.hash;
    }
  }

  std::vector<Sha256Pair> leaves_;
  std::vector<Hash*> copies_;                   // where the hashes of the leaves are kept besides
  std::vector<std::vector<Sha256Pair>> nodes_;  // by depth
  Chunks<Siblings> unstored_;
};

namespace {

const Item* find(std::span<const Item> items, LeafName name) {
  for (const Item& item : items) {
    if (item.leaf.name == name) return &item;
  }
  return nullptr;
}

/// Orders the items by the bit at which they part.
Halves<Item> part(std::span<Item> items, std::size_t depth, const LeafSource& source) {
  const auto middle = std::partition(items.begin(), items.end(), [&](const Item& item) {
    return !turns_right(item.leaf, depth, source);
  });
  const auto left = static_cast<std::size_t>(middle - items.begin());
  return {items.first(left), items.subspan(left)};
}

}  // namespace

void StateSubtree::update(std::span<Item> items, std::size_t depth, const LeafSource& source) {
  if (items.empty()) return;
  Update update(source);
  set(top_, items, depth, root_, update);
  update.compute();
}

/// Sets leaves below `place`; the hash of what stands there then is due.
void StateSubtree::set(Ref& place, std::span<Item> items, std::size_t depth, Hash& hash,
                       Update& update) {
  if (place.is_inner()) return set_inner(place, items, depth, hash, update);
  if (place.count() == 0) return fill(place, items, depth, hash, update);
  if (items.size() <= place.count() && replace(place, items, depth, hash, update)) return;
  boost::container::small_vector<Item, 2 * kBucketMax> all(items.begin(), items.end());
  for (const Leaf& old : bucket(place)) {
    if (!find(items, old.name)) all.push_back({old, nullptr});
  }
  size_ -= place.count();
  free_[place.count()].push_back(place.index());
  fill(place, all, depth, hash, update);
}

/// When the bucket has had all of these leaves it stays as it is, but for their hashes; false when
/// it has not.
bool StateSubtree::replace(Ref place, std::span<const Item> items, std::size_t depth, Hash& hash,
                           Update& update) {
  std::array<const StateLeaf*, kBucketMax> fresh{};
  const std::span<Leaf> leaves(&leaves_[place.index()], place.count());
  std::size_t found = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Item* const item = find(items, leaves[i].name);
    if (!item) continue;
    fresh[i] = item->fresh;
    ++found;
  }
  if (found != items.size()) return false;
  update.add_bucket(leaves, fresh.data(), depth, hash);
  return true;
}

void StateSubtree::set_inner(Ref place, std::span<Item> items, std::size_t depth, Hash& hash,
                             Update& update) {
  std::array<Ref, 2>& refs = refs_[place.index()];
  Line& line = lines_[place.index()];
  if (items.size() == 1) {
    update.add_node(line.children, depth, hash);
    const bool side = turns_right(items[0].leaf, depth, update.source);
    return set(refs[side], items, depth + 1, line.children[side], update);
  }
  const Halves<Item> parts = part(items, depth, update.source);
  for (const std::size_t side : {0U, 1U}) {
    if (parts[side].empty()) continue;
    if (items.size() > kAhead && parts[side].size() <= kAhead) {
      fetch_ahead(refs[side], parts[side], depth + 1);
    }
    set(refs[side], parts[side], depth + 1, line.children[side], update);
  }
  update.add_node(line.children, depth, hash);
  if (items.size() > kTogether) update.compute();
}

/// Puts all the leaves at a place that holds none.
void StateSubtree::fill(Ref& place, std::span<Item> items, std::size_t depth, Hash& hash,
                        Update& update) {
  if (items.size() > kBucketMax) {
    place = Ref::inner(lines_.add());
    refs_.add();
    return set_inner(place, items, depth, hash, update);
  }
  std::sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    return key_before(a.leaf, b.leaf, update.source);
  });
  const auto count = static_cast<std::uint32_t>(items.size());
  auto& free = free_[count];
  const std::uint32_t index = free.empty() ? leaves_.add(count) : free.back();
  if (!free.empty()) free.pop_back();
  std::array<const StateLeaf*, kBucketMax> fresh{};
  for (std::uint32_t i = 0; i < count; ++i) {
    leaves_[index + i] = items[i].leaf;
    fresh[i] = items[i].fresh;
  }
  place = Ref::bucket(index, count);
  size_ += count;
  update.add_bucket({&leaves_[index], count}, fresh.data(), depth, hash);
}

std::span<const Leaf> StateSubtree::bucket(Ref place) const {
  if (place.count() == 0) return {};
  return {&leaves_[place.index()], place.count()};
}

/// Walks all the paths at once, so that their cache misses overlap instead of following each other.
void StateSubtree::fetch_ahead(Ref place, std::span<const Item> items, std::size_t depth) const {
  std::array<Ref, kAhead> places;
  places.fill(place);
  for (bool any = true; any && depth < kStartBits; ++depth) {
    any = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      Ref& at = places[i];
      if (!at.is_inner()) continue;
      at = refs_[at.index()][items[i].leaf.key_start >> (kStartBits - 1 - depth) & 1];
      if (at.is_inner()) {
        any = true;
        __builtin_prefetch(&refs_[at.index()]);
        __builtin_prefetch(&lines_[at.index()], 1);
      } else {
        for (const Leaf& leaf : bucket(at)) __builtin_prefetch(&leaf, 1);
      }
    }
  }
}

LeafName StateSubtree::only_leaf() const {
  CHECK(size_ == 1);
  return leaves_[top_.index()].name;
}

void StateSubtree::prove(ProofWriter& proof) const {
  Ref place = top_;
  while (place.is_inner()) {
    const bool side = path_bit(proof.key(), proof.depth());
    proof.step(lines_[place.index()].children[!side]);
    place = refs_[place.index()][side];
  }
  std::span<const Leaf> leaves = bucket(place);
  while (leaves.size() > 1) {
    const bool side = path_bit(proof.key(), proof.depth());
    const auto parts = halves(leaves, proof.depth(), proof.source());
    proof.step(hash_of(parts[!side], proof.depth() + 1, proof.source()));
    leaves = parts[side];
  }
  if (!leaves.empty()) proof.end_at(leaves[0].name);
}

}  // namespace bourse::chain
