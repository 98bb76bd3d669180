// SPDX-License-Identifier: Apache-2.0
//
// Proofs of the state: what decodes encodes to the same bytes, and of all spellings of the proof of
// one fact only the tree's own is accepted.
#include "base/state_proof.hpp"

#include "base/codec.hpp"
#include "chain/state_tree.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/leaf_list.hpp"
#include "tests/support/world.hpp"

namespace bourse::fuzz {

namespace {

/// What the tree holds.
test::LeafList& leaves() {
  static test::LeafList made = [] {
    test::LeafList out;
    for (int i = 0; i < 50; ++i) {
      out.add({test::hash_of("key " + std::to_string(i)), test::hash_of("value")});
    }
    return out;
  }();
  return made;
}

const chain::StateTree& tree() {
  static const chain::StateTree made = [] {
    chain::WorkerPool alone(1);
    chain::StateTree out;
    out.update(leaves().all(), leaves(), alone);
    return out;
  }();
  return made;
}

/// Some that the tree holds and some that it does not.
std::vector<Hash> keys() {
  std::vector<Hash> out;
  for (int i = 40; i < 60; ++i) out.push_back(test::hash_of("key " + std::to_string(i)));
  return out;
}

}  // namespace

void one(ByteView data) {
  const auto proof = decode<StateProof>(data);
  if (!proof) return;
  const Bytes again = encode(*proof);
  CHECK(std::equal(again.begin(), again.end(), data.begin(), data.end()));
  const Hash root = tree().root();
  for (const Hash& key : keys()) {
    const bool present = verify_state_proof(root, key, test::hash_of("value"), *proof).has_value();
    const bool absent = verify_state_proof(root, key, std::nullopt, *proof).has_value();
    CHECK(!(present && absent));
    if (present || absent) CHECK(again == encode(tree().prove(key, leaves())));
  }
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> out;
  for (const Hash& key : keys()) out.push_back(encode(tree().prove(key, leaves())));
  return out;
}

}  // namespace bourse::fuzz
