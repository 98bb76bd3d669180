// SPDX-License-Identifier: Apache-2.0
//
// Goal: a proof is accepted for the one fact that it proves and for no other, in one spelling.
// Method: vectors of a second implementation (tests/vectors/bourse), among them every kind of
// refusal; then every bit of every accepted proof turned over.
#include "base/state_proof.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/json_fields.hpp"
#include "tests/support/vectors.hpp"

namespace bourse {
namespace {

struct Fact {
  std::string comment;
  Hash root;
  Hash key;
  std::optional<Hash> value;
  StateProof proof;
  Bytes cbor;
  std::optional<std::string> error;

  static constexpr auto fields() {
    return std::tuple{field("comment", &Fact::comment, ""), field("root", &Fact::root, ""),
                      field("key", &Fact::key, ""),         field("value", &Fact::value, ""),
                      field("proof", &Fact::proof, ""),     field("cbor", &Fact::cbor, ""),
                      field("error", &Fact::error, "")};
  }

  Result<void> verify() const { return verify_state_proof(root, key, value, proof); }
};

std::vector<Fact> facts() {
  std::vector<Fact> out;
  const Json document = test::vector_json("bourse/state_tree.json");
  EXPECT_TRUE(from_json(document["proofs"], out, JsonStyle{}));
  EXPECT_GT(out.size(), 100u);
  return out;
}

TEST(StateProof, IsAcceptedAndRefusedAsTheVectorsSay) {
  for (const Fact& fact : facts()) {
    EXPECT_EQ(encode(fact.proof), fact.cbor) << fact.comment;
    const auto verified = fact.verify();
    ASSERT_EQ(verified.has_value(), !fact.error) << fact.comment;
    if (fact.error) {
      EXPECT_EQ(verified.error().kind, *fact.error) << fact.comment;
    }
  }
}

TEST(StateProof, IsRefusedWithAnyBitTurnedOver) {
  for (const Fact& fact : facts()) {
    if (fact.error) continue;
    const Bytes good = encode(fact.proof);
    for (std::size_t i = 0; i < 8 * good.size(); ++i) {
      Bytes bad = good;
      bad[i / 8] = static_cast<std::uint8_t>(bad[i / 8] ^ 1 << i % 8);
      const auto proof = decode<StateProof>(bad);
      if (!proof) continue;
      ASSERT_FALSE(verify_state_proof(fact.root, fact.key, fact.value, *proof)) << i;
    }
  }
}

TEST(StateProof, IsOfOneRootOneKeyAndOneValue) {
  for (Fact fact : facts()) {
    if (fact.error) continue;
    Fact changed = fact;
    changed.root.bytes[31] ^= 1;
    EXPECT_EQ(changed.verify().error().kind, "proof_root_mismatch") << fact.comment;
    changed = fact;
    changed.key.bytes[0] ^= 0x80;
    if (fact.value || !fact.proof.siblings.empty()) {
      EXPECT_FALSE(changed.verify()) << fact.comment;
    }
    changed = fact;
    if (fact.value) {
      changed.value->bytes[7] ^= 1;
      EXPECT_EQ(changed.verify().error().kind, "proof_root_mismatch") << fact.comment;
      changed.value.reset();
    } else {
      changed.value = sha256({});
    }
    EXPECT_FALSE(changed.verify()) << fact.comment;
  }
}

TEST(StateProof, HashesLeavesAndNodesApart) {
  StateLeaf leaf;
  leaf.key.bytes.fill(1);
  leaf.value.bytes.fill(2);
  const Hash as_leaf = leaf_hash(leaf);
  const Hash as_node = node_hash({leaf.key, leaf.value});
  EXPECT_TRUE(is_leaf_hash(as_leaf));
  EXPECT_FALSE(is_leaf_hash(as_node));
  EXPECT_TRUE(node_hash({Hash{}, Hash{}}).is_zero());
  EXPECT_EQ(node_hash({Hash{}, as_leaf}), as_leaf);
  EXPECT_EQ(node_hash({as_leaf, Hash{}}), as_leaf);
  EXPECT_NE(node_hash({as_node, Hash{}}), as_node);
  EXPECT_NE(node_hash({Hash{}, as_node}), node_hash({as_node, Hash{}}));
}

}  // namespace
}  // namespace bourse
