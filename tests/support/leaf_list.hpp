// SPDX-License-Identifier: Apache-2.0
//
// Leaves that a state tree is given, and its source of them: a leaf's name is its place in the
// list.
#pragma once

#include <map>
#include <vector>

#include "chain/state_subtree.hpp"

namespace bourse::test {

class LeafList : public chain::LeafSource {
 public:
  LeafList() = default;
  explicit LeafList(const std::vector<StateLeaf>& leaves) {
    for (const StateLeaf& leaf : leaves) add(leaf);
  }

  /// Sets the value of that key, as the tree is to have it.
  chain::NamedLeaf add(const StateLeaf& leaf) {
    const auto [found, is_new] = places_.emplace(leaf.key, leaves_.size());
    const std::size_t place = found->second;
    if (is_new) leaves_.push_back({leaf, chain::LeafName{static_cast<std::uint32_t>(place)}});
    leaves_[place].leaf = leaf;
    return leaves_[place];
  }

  const std::vector<chain::NamedLeaf>& all() const { return leaves_; }
  Hash key(chain::LeafName name) const override { return at(name).key; }
  Hash value(chain::LeafName name) const override { return at(name).value; }

 private:
  const StateLeaf& at(chain::LeafName name) const {
    return leaves_.at(static_cast<std::size_t>(name)).leaf;
  }

  std::map<Hash, std::size_t> places_;
  std::vector<chain::NamedLeaf> leaves_;
};

}  // namespace bourse::test
