// SPDX-License-Identifier: Apache-2.0
//
// Goal: the root of the state says what every key holds and nothing else, and every key can be
// proved present or absent against it. Method: a naive recursion over all leaves as the oracle, in
// random histories of batches and threads with keys that share long prefixes; the roots of a second
// implementation; and keys that must not collide.
#include "chain/state_tree.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/crypto.hpp"
#include "base/json_fields.hpp"
#include "tests/support/leaf_list.hpp"
#include "tests/support/vectors.hpp"

namespace bourse::chain {
namespace {

using Content = std::map<Hash, Hash>;
using test::LeafList;

/// For the tests that have no use for helpers.
WorkerPool alone(1);

std::vector<StateLeaf> leaves_of(const Content& content) {
  std::vector<StateLeaf> out;
  for (const auto& [key, value] : content) out.push_back({key, value});
  return out;
}

/// The rule of SPEC 4.1 word for word, over leaves in the order of their keys.
Hash naive_root(std::span<const StateLeaf> leaves, std::size_t depth = 0) {
  if (leaves.empty()) return {};
  Hash out;
  if (leaves.size() == 1) {
    out = Sha256().update(leaves[0].key.bytes).update(leaves[0].value.bytes).finish();
    out.bytes[0] |= 0x80;
    return out;
  }
  std::size_t split = 0;
  while (split < leaves.size() && !path_bit(leaves[split].key, depth)) ++split;
  const Hash left = naive_root(leaves.first(split), depth + 1);
  const Hash right = naive_root(leaves.subspan(split), depth + 1);
  out = Sha256().update(left.bytes).update(right.bytes).finish();
  out.bytes[0] &= 0x7f;
  return out;
}

class Keys {
 public:
  explicit Keys(std::uint64_t seed) : random_(seed) {}

  std::uint64_t number(std::uint64_t bound) { return random_() % bound; }
  Hash hash() {
    Hash out;
    for (std::uint8_t& byte : out.bytes) byte = static_cast<std::uint8_t>(random_());
    return out;
  }
  /// One that agrees with another in its first bits, or is new.
  Hash key_near(const Content& content) {
    Hash out = hash();
    if (content.empty() || number(3) == 0) return out;
    auto near = content.lower_bound(hash());
    if (near == content.end()) near = content.begin();
    const std::size_t same = number(257);
    for (std::size_t i = 0; i < same; ++i) {
      const auto mask = static_cast<std::uint8_t>(0x80 >> i % 8);
      out.bytes[i / 8] =
          static_cast<std::uint8_t>((out.bytes[i / 8] & ~mask) | (near->first.bytes[i / 8] & mask));
    }
    return out;
  }

 private:
  std::mt19937_64 random_;
};

void expect_provable(const StateTree& tree, const LeafList& source, const Content& content,
                     const Hash& key) {
  const auto found = content.find(key);
  const auto value = found == content.end() ? std::nullopt : std::optional(found->second);
  const auto proved = verify_state_proof(tree.root(), key, value, tree.prove(key, source));
  EXPECT_TRUE(proved) << proved.error().message;
}

TEST(StateTree, HasTheRootsOfTheSecondImplementation) {
  const Json document = test::vector_json("bourse/state_tree.json");
  ASSERT_FALSE(document["trees"].empty());
  for (const Json& given : document["trees"]) {
    std::vector<StateLeaf> leaves;
    ASSERT_TRUE(from_json(given["leaves"], leaves, JsonStyle{}));
    const LeafList source(leaves);
    StateTree tree;
    tree.update(source.all(), source, alone);
    EXPECT_EQ(to_json(tree.root(), JsonStyle{}), given["root"]) << given["comment"];
    EXPECT_EQ(tree.size(), leaves.size());
  }
}

TEST(StateTree, AgreesWithTheNaiveRecursionInRandomHistories) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    WorkerPool pool(1 + static_cast<unsigned>(seed % 3));
    Keys keys(seed);
    Content content;
    LeafList source;
    StateTree tree;
    for (int step = 0; step < 12; ++step) {
      Content batch;
      for (std::uint64_t i = keys.number(40); i > 0; --i) {
        batch[keys.key_near(keys.number(2) == 0 ? content : batch)] = keys.hash();
      }
      for (const auto& [key, value] : content) {
        if (keys.number(4) == 0) batch[key] = keys.hash();
      }
      auto leaves = leaves_of(batch);
      for (std::size_t i = leaves.size(); i > 1; --i) {
        std::swap(leaves[i - 1], leaves[keys.number(i)]);
      }
      std::vector<NamedLeaf> named;
      for (const StateLeaf& leaf : leaves) {
        named.push_back(source.add(leaf));
        content[leaf.key] = leaf.value;
      }
      tree.update(named, source, pool);
      ASSERT_EQ(tree.root(), naive_root(leaves_of(content))) << "seed " << seed;
      ASSERT_EQ(tree.size(), content.size());
    }
    for (const auto& [key, value] : content) expect_provable(tree, source, content, key);
    for (int i = 0; i < 200; ++i) expect_provable(tree, source, content, keys.key_near(content));
  }
}

TEST(StateTree, IsTheSameHoweverManyThreadsAndBatches) {
  Keys keys(7);
  Content content;
  while (content.size() < 12'000) content[keys.hash()] = keys.hash();
  const Hash root = naive_root(leaves_of(content));
  const LeafList source(leaves_of(content));
  const std::span leaves(source.all());
  for (const unsigned threads : {1U, 2U, 3U, 16U, 40U}) {
    WorkerPool pool(threads);
    for (const std::size_t batch : {leaves.size(), std::size_t{999}, std::size_t{127}}) {
      StateTree tree;
      for (std::size_t i = 0; i < leaves.size(); i += batch) {
        const auto rest = leaves.subspan(i);
        tree.update(rest.first(std::min(batch, rest.size())), source, pool);
      }
      EXPECT_EQ(tree.root(), root) << threads << " threads, batches of " << batch;
    }
  }
}

TEST(StateTree, ProvesAroundTheEdgesOfItsLayout) {
  // From none to more leaves than a bucket has room for, under each of the first 16 prefixes and
  // under one prefix alone.
  for (const bool is_spread : {true, false}) {
    Keys keys(3);
    Content content;
    LeafList source;
    StateTree tree;
    for (std::size_t i = 0; i < 40; ++i) {
      for (int absent = 0; absent < 8; ++absent)
        expect_provable(tree, source, content, keys.hash());
      for (const auto& [key, value] : content) expect_provable(tree, source, content, key);
      StateLeaf leaf{keys.hash(), keys.hash()};
      leaf.key.bytes[0] = static_cast<std::uint8_t>(is_spread ? i * 16 : 0x55);
      const NamedLeaf named = source.add(leaf);
      tree.update({&named, 1}, source, alone);
      content[leaf.key] = leaf.value;
    }
  }
}

TEST(StateTree, ChangesWithEveryKeyAndEveryValue) {
  Keys keys(5);
  LeafList source;
  StateTree tree;
  const auto set = [&](StateTree& tree, const StateLeaf& leaf) {
    const NamedLeaf named = source.add(leaf);
    tree.update({&named, 1}, source, alone);
  };
  EXPECT_TRUE(tree.root().is_zero());
  tree.update({}, source, alone);
  EXPECT_TRUE(tree.root().is_zero());
  const StateLeaf leaf{keys.hash(), keys.hash()};
  set(tree, leaf);
  EXPECT_EQ(tree.root(), leaf_hash(leaf));
  const StateLeaf changed{leaf.key, keys.hash()};
  set(tree, changed);
  EXPECT_EQ(tree.root(), leaf_hash(changed));
  StateTree other;
  set(other, {leaf.value, leaf.key});
  EXPECT_NE(other.root(), leaf_hash(leaf));
}

TEST(StateKey, TellsTablesAndKeysApart) {
  const Bytes key = {1, 2, 3};
  EXPECT_NE(state_key("job", key), state_key("task", key));
  EXPECT_NE(state_key("job", key), state_key("job", Bytes{1, 2}));
  // The end of the name and the beginning of the key do not run into each other.
  EXPECT_NE(state_key("jo", Bytes{'b', 1}), state_key("job", Bytes{1}));
  EXPECT_EQ(state_key("job", key), tagged_hash("bourse/key", Bytes{'j', 'o', 'b', 0, 1, 2, 3}));
}

}  // namespace
}  // namespace bourse::chain
