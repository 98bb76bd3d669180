// SPDX-License-Identifier: Apache-2.0
#include "chain/tx.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "chain/recycler.hpp"

namespace bourse::chain {
namespace {

/// A copy of it goes on behind the tag.
Sha256 tx_hasher() {
  static const Sha256 primed = tagged_hasher("bourse/tx");
  return primed;
}

/// The transaction is canonical, so its raw bytes hold the very encoding of the body that was
/// signed: after the head of the pair, before the signature with its own head.
ByteView signed_bytes(ByteView raw) {
  constexpr std::size_t kPairHead = 1;
  constexpr std::size_t kSignature = 2 + Signature::size();
  return raw.subspan(kPairHead, raw.size() - kPairHead - kSignature);
}

Result<Tx> decode_for(const Hash& chain_id, ByteView raw) {
  TRY_ASSIGN(Tx tx, decode_tx(raw));
  const TxBody& body = tx.body;
  if (body.version != kTxVersion) {
    return Error{"tx_version_unknown", "this node knows version 1 of the envelope only"};
  }
  if (body.chain_id != chain_id) {
    return Error{"tx_wrong_chain", "the transaction is for chain 0x" + to_hex(body.chain_id.bytes)};
  }
  if (body.operations.empty() || body.operations.size() > kTxOperationsMax) {
    return Error{"tx_operation_count", "a transaction has 1 to 256 operations"};
  }
  return tx;
}

}  // namespace

Hash signing_digest(const TxBody& body) { return tx_hasher().update(encode(body)).finish(); }

Bytes sign_tx(const TxBody& body, const SecretKey& key) {
  return encode(Tx{body, schnorr_sign(key, signing_digest(body))});
}

Hash tx_id(ByteView raw) { return sha256(raw); }

Result<Tx> decode_tx(ByteView raw) {
  if (raw.size() > kTxBytesMax) {
    return Error{"tx_too_large", "a transaction has at most 65536 bytes; split its operations"};
  }
  auto tx = decode<Tx>(raw);
  if (!tx) return Error{"tx_malformed", "the bytes are not a canonically encoded transaction"};
  return std::move(*tx);
}

std::vector<Result<ParsedTx>> ParsedTx::parse_all(std::vector<Bytes> raws, const Hash& chain_id) {
  std::vector<Result<ParsedTx>> out;
  out.reserve(raws.size());
  std::vector<Sha256Job> ids;
  ids.reserve(raws.size());
  for (Bytes& raw : raws) {
    auto tx = decode_for(chain_id, raw);
    if (tx.has_error()) {
      out.emplace_back(tx.error());
      continue;
    }
    auto content = std::allocate_shared<Content>(RecyclingAllocator<Content>(),
                                                 Content{std::move(*tx), {}, std::move(raw)});
    ids.push_back({content->raw, &content->id});
    out.emplace_back(ParsedTx(std::move(content)));
  }
  sha256_all(ids);
  return out;
}

Result<ParsedTx> ParsedTx::parse(Bytes raw, const Hash& chain_id) {
  std::vector<Bytes> one;
  one.push_back(std::move(raw));
  return std::move(parse_all(std::move(one), chain_id).front());
}

std::vector<std::optional<VerifiedTx>> VerifiedTx::verify_all(
    std::span<ParsedTx> txs, std::span<const std::optional<SchnorrKey>> keys) {
  std::vector<Hash> digests(txs.size());
  std::vector<Sha256Job> jobs;
  jobs.reserve(txs.size());
  for (const ParsedTx& tx : txs) jobs.push_back({signed_bytes(tx.raw()), &digests[jobs.size()]});
  sha256_all(tx_hasher(), jobs);
  std::vector<std::optional<VerifiedTx>> out(txs.size());
  for (std::size_t i = 0; i < txs.size(); ++i) {
    ParsedTx& tx = txs[i];
    if (keys[i] && keys[i]->verify(digests[i], tx.signature())) {
      out[i] = VerifiedTx(std::move(tx));
    }
  }
  return out;
}

Error signature_invalid() {
  return {"tx_signature_invalid", "the signature is not the sender's over this body"};
}

Result<VerifiedTx> verify_tx(Bytes raw, const Hash& chain_id) {
  TRY_ASSIGN(ParsedTx parsed, ParsedTx::parse(std::move(raw), chain_id));
  const auto key = SchnorrKey::parse(parsed.body().sender);
  auto verified = VerifiedTx::verify_all({&parsed, 1}, {&key, 1});
  if (!verified.front()) return signature_invalid();
  return std::move(*verified.front());
}

}  // namespace bourse::chain
