// SPDX-License-Identifier: Apache-2.0
//
// Goal: the root of the state says what every key holds and nothing else. Method: the same content
// in every order of updates, content that differs in one place, and keys that must not collide.
#include "chain/state_root.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/crypto.hpp"

namespace bourse::chain {
namespace {

Hash hash(std::string_view word) { return sha256(as_bytes(word)); }

TEST(StateRoot, IsTheSameInEveryOrderOfUpdates) {
  std::vector<std::string> words = {"a", "b", "c", "d"};
  StateRoot first;
  for (const std::string& word : words) first.set(hash(word), hash(word + " value"));
  do {
    StateRoot tree;
    for (const std::string& word : words) tree.set(hash(word), hash("to be replaced"));
    for (const std::string& word : words) tree.set(hash(word), hash(word + " value"));
    EXPECT_EQ(tree.root(), first.root());
  } while (std::next_permutation(words.begin(), words.end()));
}

TEST(StateRoot, ChangesWithEveryKeyAndEveryValue) {
  StateRoot tree;
  const Hash empty = tree.root();
  tree.set(hash("a"), hash("1"));
  const Hash one = tree.root();
  EXPECT_NE(one, empty);
  tree.set(hash("a"), hash("2"));
  const Hash other_value = tree.root();
  EXPECT_NE(other_value, one);
  StateRoot other_key;
  other_key.set(hash("b"), hash("1"));
  EXPECT_NE(other_key.root(), one);
  tree.set(hash("a"), hash("1"));
  EXPECT_EQ(tree.root(), one);
  tree.set(hash("b"), hash("1"));
  EXPECT_NE(tree.root(), one);
}

TEST(StateRoot, AKeyAndAValueAreNotInterchangeable) {
  StateRoot tree;
  tree.set(hash("a"), hash("b"));
  StateRoot swapped;
  swapped.set(hash("b"), hash("a"));
  EXPECT_NE(tree.root(), swapped.root());
}

TEST(StateKey, TellsTablesAndKeysApart) {
  const Bytes key = {1, 2, 3};
  EXPECT_NE(state_key("job", key), state_key("task", key));
  EXPECT_NE(state_key("job", key), state_key("job", Bytes{1, 2}));
  // What belongs to the name cannot pass for the start of the key.
  EXPECT_NE(state_key("jo", Bytes{'b', 1}), state_key("job", Bytes{1}));
  EXPECT_EQ(state_key("job", key), tagged_hash("bourse/key", Bytes{'j', 'o', 'b', 0, 1, 2, 3}));
}

}  // namespace
}  // namespace bourse::chain
