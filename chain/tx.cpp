// SPDX-License-Identifier: Apache-2.0
#include "chain/tx.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::chain {

Hash signing_digest(const TxBody& body) { return tagged_hash("bourse/tx", encode(body)); }

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

Result<VerifiedTx> verify_tx(Bytes raw, const Hash& chain_id) {
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
  // The cheap checks come first: a signature check costs more than all of them together.
  if (!schnorr_verify(body.sender, signing_digest(body), tx.signature)) {
    return Error{"tx_signature_invalid", "the signature is not the sender's over this body"};
  }
  const Hash id = tx_id(raw);
  return VerifiedTx(std::move(tx), id, std::move(raw));
}

}  // namespace bourse::chain
