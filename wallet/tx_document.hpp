// SPDX-License-Identifier: Apache-2.0
//
// Transactions outside a node: the files that travel to an offline signer and back, and what they
// mean in words. Nothing is signed that describe() has not shown, and it reads the very bytes.
//
//   unsigned  {"network": "dev", "body": "0x<canonical CBOR of the body>"}
//   signed    {"network": "dev", "tx": "0x<canonical CBOR of the transaction>"}
//
// The network says only how addresses are spelled; what is signed is the chain id in the body.
#pragma once

#include <optional>
#include <string>

#include "base/json_fields.hpp"
#include "chain/tx.hpp"

namespace bourse::wallet {

struct TxDocument {
  Network network{};
  chain::TxBody body;
  /// The signed bytes; nothing when it is not signed.
  std::optional<Bytes> raw;
};

/// The document in a file, or in the 0x-hex of the bytes themselves; `network` is for what does not
/// say its own. Error kinds: tx_document_invalid, tx_malformed, tx_version_unknown,
/// tx_operation_count, those of read_file() and parse_json().
Result<TxDocument> load_tx_document(const std::string& file_or_hex, Network network);

Json unsigned_document(const chain::TxBody& body, Network network);
Json signed_document(ByteView raw, Network network);

/// Every operation decoded from its bytes, with amounts in BRS. Error kinds: those of
/// market::weigh(), because what cannot be shown must not be signed.
Result<std::string> describe(const chain::TxBody& body, Network network);

/// The document with its operations taken apart, as the RPC method tx_decode shows them.
Json decoded(const TxDocument& document);

}  // namespace bourse::wallet
