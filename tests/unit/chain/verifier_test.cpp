// SPDX-License-Identifier: Apache-2.0
//
// Goal: the span comes to the same answers as one check after another, in the order of the
// transactions. Method: mix good and bad signatures; repeat, so that keys come from the cache.
#include "chain/verifier.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "tests/support/toy_machine.hpp"

namespace bourse::chain {
namespace {

const Hash kChain = sha256(as_bytes("chain"));

ParsedTx make(std::uint8_t user, std::uint64_t nonce, bool good) {
  const test::ToyUser sender(user);
  const TxBody body = sender.body(kChain, nonce, TimeMs(1), test::ToyUser::alarm(TimeMs(2)));
  // A bad one is signed by somebody else.
  const SecretKey key = good ? sender.key : test::ToyUser(static_cast<std::uint8_t>(user + 1)).key;
  return ParsedTx::parse(sign_tx(body, key), kChain).value();
}

TEST(Verifier, AnswersInOrder) {
  WorkerPool pool(3);
  Verifier verifier(pool);
  std::vector<ParsedTx> txs;
  for (std::uint8_t i = 1; i <= 100; ++i) txs.push_back(make(i, 0, i % 3 != 0));
  for (int round = 0; round < 2; ++round) {
    const auto verified = verifier.verify(txs);
    ASSERT_EQ(verified.size(), txs.size());
    for (std::size_t i = 0; i < txs.size(); ++i) {
      ASSERT_EQ(verified[i].has_value(), verify_tx(txs[i].raw(), kChain).has_value()) << i;
      if (verified[i]) {
        EXPECT_EQ(verified[i]->id(), txs[i].id());
      }
    }
  }
  EXPECT_TRUE(verifier.verify({}).empty());
}

TEST(Verifier, AnAddressThatIsNoKeySignsNothing) {
  WorkerPool pool(1);
  Verifier verifier(pool);
  Tx tx;
  tx.body = test::ToyUser(1).body(kChain, 0, TimeMs(1), test::ToyUser::alarm(TimeMs(2)));
  tx.body.sender.bytes.fill(0xff);
  const std::vector txs = {ParsedTx::parse(encode(tx), kChain).value()};
  EXPECT_FALSE(verifier.verify(txs)[0]);
  EXPECT_EQ(verify_tx(encode(tx), kChain).error().kind, "tx_signature_invalid");
}

TEST(KeyCache, ForgetsNoKeyWrongly) {
  KeyCache cache;
  Tx tx;
  tx.body = test::ToyUser(1).body(kChain, 0, TimeMs(1), test::ToyUser::alarm(TimeMs(2)));
  tx.body.sender.bytes.fill(0xff);
  const std::vector txs = {make(9, 0, true), ParsedTx::parse(encode(tx), kChain).value(),
                           make(8, 0, true), make(9, 1, true)};
  const Hash digest = sha256(as_bytes("message"));
  const Signature signature = schnorr_sign(test::ToyUser(9).key, digest);
  for (int round = 0; round < 3; ++round) {
    const auto keys = cache.get(txs);
    ASSERT_EQ(keys.size(), txs.size());
    EXPECT_TRUE(keys[0]->verify(digest, signature));
    EXPECT_FALSE(keys[1]) << "no point of the curve";
    EXPECT_FALSE(keys[2]->verify(digest, signature));
    EXPECT_TRUE(keys[3]->verify(digest, signature));
  }
}

}  // namespace
}  // namespace bourse::chain
