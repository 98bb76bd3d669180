// SPDX-License-Identifier: Apache-2.0
//
// Goal: what is shown before signing is what the bytes say, all of it, and what cannot be shown is
// not signed.
// Method: documents written and read back; every malformed file with its error; operations that
// the chain does not know or would refuse.
#include "wallet/tx_document.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/tx_types.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::wallet {
namespace {

SecretKey secret() {
  SecretKey key;
  key.bytes[31] = 7;
  return key;
}

chain::TxBody body() {
  chain::TxBody out;
  out.chain_id.bytes[0] = 0xab;
  out.sender = public_key(secret()).value();
  out.nonce = Nonce(4);
  out.fee_limit = Amount(1'250'000);
  out.valid_until = TimeMs(1'795'545'600'000);
  market::Transfer transfer{out.sender, Amount(2'500'000'000)};
  market::ResultDispute dispute;
  dispute.task = 9;
  out.operations = {market::to_operation(transfer), market::to_operation(dispute)};
  return out;
}

class TxDocumentTest : public ::testing::Test {
 protected:
  Result<TxDocument> load(const std::string& text, Network network = Network::main) {
    std::ofstream(dir_ / "tx.json") << text;
    return load_tx_document(dir_ / "tx.json", network);
  }
  std::string kind(const std::string& text) {
    const auto document = load(text);
    return document ? "" : document.error().kind;
  }
  test::TempDir dir_;
};

TEST_F(TxDocumentTest, UnsignedAndSignedComeBack) {
  const auto written = load(dump_json(unsigned_document(body(), Network::dev))).value();
  EXPECT_EQ(written.network, Network::dev);
  EXPECT_EQ(encode(written.body), encode(body()));
  EXPECT_FALSE(written.raw.has_value());

  const Bytes raw = chain::sign_tx(body(), secret());
  const auto with_signature = load(dump_json(signed_document(raw, Network::test))).value();
  EXPECT_EQ(with_signature.network, Network::test);
  EXPECT_EQ(with_signature.raw, raw);
  EXPECT_EQ(encode(with_signature.body), encode(body()));
}

TEST_F(TxDocumentTest, HexIsEither) {
  const Bytes raw = chain::sign_tx(body(), secret());
  EXPECT_EQ(load_tx_document("0x" + to_hex(raw), Network::dev).value().raw, raw);
  const auto bare = load_tx_document("0x" + to_hex(encode(body())), Network::dev).value();
  EXPECT_FALSE(bare.raw.has_value());
  EXPECT_EQ(bare.network, Network::dev);
  EXPECT_EQ(load_tx_document("0xzz", Network::dev).error().kind, "tx_document_invalid");
  EXPECT_EQ(load_tx_document("0x00", Network::dev).error().kind, "tx_malformed");
}

TEST_F(TxDocumentTest, MalformedFiles) {
  const std::string hex = "0x" + to_hex(encode(body()));
  EXPECT_EQ(kind(""), "json_syntax");
  EXPECT_EQ(kind("[]"), "tx_document_invalid");
  EXPECT_EQ(kind("{}"), "tx_document_invalid");
  EXPECT_EQ(kind(R"({"body":"00"})"), "tx_document_invalid");
  EXPECT_EQ(kind(R"({"body":")" + hex + R"(","tx":"0x00"})"), "tx_document_invalid");
  EXPECT_EQ(kind(R"({"body":")" + hex + R"(","more":1})"), "tx_document_invalid");
  EXPECT_EQ(kind(R"({"body":")" + hex + R"(","network":"moon"})"), "tx_document_invalid");
  EXPECT_EQ(kind(R"({"body":")" + hex + R"(00"})"), "tx_malformed");
  EXPECT_EQ(kind(R"({"tx":")" + hex + R"("})"), "tx_malformed");
  EXPECT_EQ(load_tx_document(dir_ / "none", Network::dev).error().kind, "file_not_found");
  chain::TxBody other = body();
  other.version = 2;
  EXPECT_EQ(kind(dump_json(unsigned_document(other, Network::dev))), "tx_version_unknown");
  other = body();
  other.operations.clear();
  EXPECT_EQ(kind(dump_json(unsigned_document(other, Network::dev))), "tx_operation_count");
  other.operations.assign(256, body().operations[1]);
  EXPECT_EQ(kind(dump_json(unsigned_document(other, Network::dev))), "");
  other.operations.push_back(body().operations[1]);
  EXPECT_EQ(kind(dump_json(unsigned_document(other, Network::dev))), "tx_operation_count");
}

TEST_F(TxDocumentTest, EverythingIsShownInWordsAndBrs) {
  const std::string text = describe(body(), Network::dev).value();
  for (const std::string& part :
       {address_text(body().sender, Network::dev), "0xab" + std::string(62, '0'),
        std::string("at most 0.00125 BRS"), std::string("2026-11-24 18:40:00 UTC"),
        std::string("1. transfer"), std::string("2.5 BRS"), std::string("2. result_dispute")}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST_F(TxDocumentTest, WhatCannotBeShownIsNotSigned) {
  chain::TxBody other = body();
  other.operations.push_back({9999, {}});
  EXPECT_EQ(describe(other, Network::dev).error().kind, "operation_type_unknown");
  other = body();
  other.operations[1].body.push_back(0);
  EXPECT_EQ(describe(other, Network::dev).error().kind, "operation_malformed");
  // A text with a line end could draw an operation that is not there.
  market::ProviderRegister forged;
  forged.agent_key = forged.payout = body().sender;
  forged.region = "eu\n3.transfer";
  other = body();
  other.operations = {market::to_operation(forged)};
  EXPECT_EQ(describe(other, Network::dev).error().kind, "text_too_long");
}

TEST_F(TxDocumentTest, DecodedJsonHasTheOperations) {
  const auto document = load(dump_json(unsigned_document(body(), Network::dev))).value();
  const Json json = decoded(document);
  EXPECT_EQ(json["operations"][0]["name"], "transfer");
  EXPECT_EQ(json["operations"][0]["fields"]["amount"], "2500000000");
  EXPECT_FALSE(json.contains("signature"));
}

}  // namespace
}  // namespace bourse::wallet
