// SPDX-License-Identifier: Apache-2.0
#include "wallet/tx_document.hpp"

#include <fmt/format.h>

#include "base/codec.hpp"
#include "base/files.hpp"
#include "market/market.hpp"
#include "rpc/views.hpp"
#include "wallet/show.hpp"

namespace bourse::wallet {
namespace {

/// Two hex digits a byte, and room for the JSON around them.
constexpr std::size_t kDocumentBytesMax = 3 * chain::kTxBytesMax;

Result<chain::TxBody> decode_body(const Bytes& bytes) {
  if (bytes.size() > chain::kTxBytesMax) {
    return Error{"tx_too_large", "a transaction has at most 65536 bytes"};
  }
  auto body = decode<chain::TxBody>(bytes);
  if (!body) return Error{"tx_malformed", "the bytes are not a canonically encoded body"};
  return std::move(*body);
}

Result<TxDocument> check_form(TxDocument document) {
  const chain::TxBody& body = document.body;
  if (body.version != chain::kTxVersion) {
    return Error{"tx_version_unknown", "this program knows version 1 of the envelope only"};
  }
  if (body.operations.empty() || body.operations.size() > chain::kTxOperationsMax) {
    return Error{"tx_operation_count", "a transaction has 1 to 256 operations"};
  }
  return document;
}

Result<TxDocument> from_signed(const Bytes& raw, Network network) {
  TRY_ASSIGN(chain::Tx tx, chain::decode_tx(raw));
  return check_form({network, std::move(tx.body), raw});
}

Result<TxDocument> from_unsigned(const Bytes& bytes, Network network) {
  TRY_ASSIGN(chain::TxBody body, decode_body(bytes));
  return check_form({network, std::move(body), std::nullopt});
}

Result<TxDocument> from_json_text(std::string_view text, Network network) {
  TRY_ASSIGN(const Json json, parse_json(text));
  const auto invalid = [](const std::string& why) {
    return Error{"tx_document_invalid", "the transaction file: " + why};
  };
  if (const auto known = refuse_unknown_keys(json, {"network", "body", "tx"}); !known) {
    return invalid(known.error().message);
  }
  if (json.contains("body") == json.contains("tx")) {
    return invalid("it must have either \"body\" or \"tx\"");
  }
  if (json.contains("network")) {
    if (const auto read = from_json(json["network"], network, {}); !read) {
      return invalid("network: " + read.error().message);
    }
  }
  const auto bytes = read_hex(json.contains("tx") ? json["tx"] : json["body"]);
  if (!bytes) return invalid(bytes.error().message);
  return json.contains("tx") ? from_signed(*bytes, network) : from_unsigned(*bytes, network);
}

}  // namespace

Result<TxDocument> load_tx_document(const std::string& file_or_hex, Network network) {
  if (file_or_hex.starts_with("0x")) {
    const auto bytes = read_hex(Json(file_or_hex));
    if (!bytes) return Error{"tx_document_invalid", "the transaction is not 0x-hex"};
    auto with_signature = from_signed(*bytes, network);
    if (with_signature || with_signature.error().kind != "tx_malformed") return with_signature;
    return from_unsigned(*bytes, network);
  }
  TRY_ASSIGN(const Bytes text, read_file(file_or_hex, kDocumentBytesMax));
  return from_json_text(as_text(text), network);
}

Json unsigned_document(const chain::TxBody& body, Network network) {
  return {{"network", enum_name(network)}, {"body", "0x" + to_hex(encode(body))}};
}

Json signed_document(ByteView raw, Network network) {
  return {{"network", enum_name(network)}, {"tx", "0x" + to_hex(raw)}};
}

Result<std::string> describe(const chain::TxBody& body, Network network) {
  // What the chain's own checks refuse is not worth a signature, and could be made to look like
  // something else: they keep line ends out of texts, for instance.
  if (const auto weight = market::weigh(body); weight.has_error()) {
    return market::to_error(weight.error());
  }
  const JsonStyle style{network};
  Rows head{{"sender", show(body.sender, style)},
            {"chain", show(body.chain_id, style)},
            {"nonce", show(body.nonce, style)},
            {"fee", "at most " + show(body.fee_limit, style)},
            {"valid until", show(body.valid_until, style)}};
  std::string out = "Transaction\n" + aligned(head, 2);
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    out += std::visit(
        [&]<class T>(const T& typed) {
          Rows rows;
          add_rows(rows, "", typed, style);
          return fmt::format("{}. {}: {}\n{}", i + 1, T::name, T::doc, aligned(rows, 5));
        },
        *market::decode_operation(body.operations[i]));
  }
  return out;
}

Json decoded(const TxDocument& document) {
  const JsonStyle style{document.network};
  if (document.raw) {
    const chain::Tx tx = *chain::decode_tx(*document.raw);
    return to_json(rpc::view(tx, *document.raw, style), style);
  }
  Json json = to_json(document.body, style);
  for (std::size_t i = 0; i < document.body.operations.size(); ++i) {
    json["operations"][i] = rpc::view(document.body.operations[i], style);
  }
  return json;
}

}  // namespace bourse::wallet
