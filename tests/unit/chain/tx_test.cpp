// SPDX-License-Identifier: Apache-2.0
//
// Goal: only a canonical, signed transaction for this chain becomes a VerifiedTx. Method: one valid
// transaction, then each rule broken by itself and at its limit, and every bit of it flipped.
#include "chain/tx.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::chain {
namespace {

const Hash kChain = sha256(as_bytes("this chain"));

SecretKey key(std::uint8_t number) {
  SecretKey out;
  out.bytes[31] = number;
  return out;
}

TxBody body() {
  return {kTxVersion,   kChain,          public_key(key(1)).value(), Nonce(7), Amount(100),
          TimeMs(1000), {{3, {1, 2, 3}}}};
}

std::string kind_of(Bytes raw) {
  const auto result = verify_tx(std::move(raw), kChain);
  return result ? "ok" : result.error().kind;
}

TEST(Tx, AValidOneKeepsEverything) {
  const Bytes raw = sign_tx(body(), key(1));
  const auto tx = verify_tx(raw, kChain);
  ASSERT_TRUE(tx) << tx.error().message;
  EXPECT_EQ(tx->raw(), raw);
  EXPECT_EQ(tx->id(), sha256(raw));
  EXPECT_EQ(encode(tx->body()), encode(body()));
}

TEST(Tx, EachRuleHasItsKind) {
  TxBody changed = body();
  changed.version = 2;
  EXPECT_EQ(kind_of(sign_tx(changed, key(1))), "tx_version_unknown");
  changed = body();
  changed.chain_id = sha256(as_bytes("another chain"));
  EXPECT_EQ(kind_of(sign_tx(changed, key(1))), "tx_wrong_chain");
  EXPECT_EQ(kind_of(sign_tx(body(), key(2))), "tx_signature_invalid");
  EXPECT_EQ(kind_of({}), "tx_malformed");
}

TEST(Tx, HasOneTo256Operations) {
  TxBody changed = body();
  for (const std::size_t count : {0u, 1u, 255u, 256u, 257u}) {
    changed.operations.assign(count, Operation{1, {}});
    EXPECT_EQ(kind_of(sign_tx(changed, key(1))),
              count >= 1 && count <= kTxOperationsMax ? "ok" : "tx_operation_count")
        << count;
  }
}

TEST(Tx, HasAtMost64KiB) {
  TxBody changed = body();
  changed.operations[0].body.resize(60'000);
  const std::size_t overhead = sign_tx(changed, key(1)).size() - 60'000;
  for (const std::size_t size : {kTxBytesMax - 1, kTxBytesMax, kTxBytesMax + 1}) {
    // A byte string of 65,536 bytes or more has a longer head, which none of these reaches.
    changed.operations[0].body.resize(size - overhead);
    const Bytes raw = sign_tx(changed, key(1));
    ASSERT_EQ(raw.size(), size);
    EXPECT_EQ(kind_of(raw), size <= kTxBytesMax ? "ok" : "tx_too_large");
  }
}

TEST(Tx, NoFlippedBitNorOtherLengthPasses) {
  const Bytes raw = sign_tx(body(), key(1));
  for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
    Bytes flipped = raw;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_NE(kind_of(flipped), "ok") << bit;
  }
  Bytes longer = raw;
  longer.push_back(0);
  EXPECT_EQ(kind_of(longer), "tx_malformed");
  EXPECT_EQ(kind_of(Bytes(raw.begin(), raw.end() - 1)), "tx_malformed");
}

TEST(Tx, ThoseThatAreParsedTogetherComeOutAsAlone) {
  std::vector<Bytes> raws;
  for (const std::size_t size : {3u, 3u, 200u, 0u, 3u, 61u, 62u}) {
    TxBody changed = body();
    changed.operations[0].body.resize(size);
    raws.push_back(sign_tx(changed, key(1)));
  }
  raws[3].pop_back();
  const auto together = ParsedTx::parse_all(raws, kChain);
  ASSERT_EQ(together.size(), raws.size());
  for (std::size_t i = 0; i < raws.size(); ++i) {
    ASSERT_EQ(together[i].has_value(), i != 3) << i;
    if (i == 3) continue;
    EXPECT_EQ(together[i]->id(), sha256(raws[i])) << i;
    EXPECT_EQ(together[i]->raw(), raws[i]) << i;
  }
  EXPECT_EQ(together[3].error().kind, "tx_malformed");
  EXPECT_TRUE(ParsedTx::parse_all({}, kChain).empty());
}

TEST(Tx, TheIdCoversTheSignatureAndTheDigestDoesNot) {
  Tx tx = *decode_tx(sign_tx(body(), key(1)));
  const Bytes raw = encode(tx);
  tx.signature.bytes[0] ^= 1;
  EXPECT_NE(tx_id(raw), tx_id(encode(tx)));
  EXPECT_EQ(signing_digest(tx.body), signing_digest(body()));
}

}  // namespace
}  // namespace bourse::chain
