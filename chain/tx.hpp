// SPDX-License-Identifier: Apache-2.0
//
// The signed envelope. The chain knows who sends, in which order, for what fee and until when; what
// the operations mean is the state machine's business, so their bodies are opaque bytes here.
// SPEC 3.1.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"
#include "base/result.hpp"

namespace bourse::chain {

inline constexpr std::uint8_t kTxVersion = 1;
inline constexpr std::size_t kTxBytesMax = 64 * 1024;
inline constexpr std::size_t kTxOperationsMax = 256;
/// A transaction may name an expiry at most this far ahead, so that a lost one dies soon.
inline constexpr DurationMs kTxLifetimeMax{24 * 3600 * 1000};

struct Operation {
  std::uint16_t type = 0;
  Bytes body;

  static constexpr auto fields() {
    return std::tuple{field("type", &Operation::type, "Number of the operation type."),
                      field("body", &Operation::body, "Canonical CBOR of the operation's fields.")};
  }
};

struct TxBody {
  std::uint8_t version = kTxVersion;
  Hash chain_id;
  Address sender;
  Nonce nonce;
  Amount fee_limit;
  TimeMs valid_until;
  std::vector<Operation> operations;

  static constexpr auto fields() {
    return std::tuple{
        field("version", &TxBody::version, "Version of the envelope: 1."),
        field("chain_id", &TxBody::chain_id, "The chain that this transaction is for."),
        field("sender", &TxBody::sender, "The account that signs, pays the fee and acts."),
        field("nonce", &TxBody::nonce, "How many transactions the sender has had in blocks."),
        field("fee_limit", &TxBody::fee_limit,
              "The most that the sender pays as a fee, in grains."),
        field("valid_until", &TxBody::valid_until,
              "The last block time, in ms, at which the transaction may be in a block."),
        field("operations", &TxBody::operations,
              "1 to 256 operations that succeed or fail together.")};
  }
};

struct Tx {
  TxBody body;
  Signature signature;

  static constexpr auto fields() {
    return std::tuple{
        field("body", &Tx::body, "What is signed."),
        field("signature", &Tx::signature, "BIP340 signature over the body's digest.")};
  }
};

/// What a sender signs: the tagged hash `bourse/tx` of the body's canonical bytes.
Hash signing_digest(const TxBody& body);

/// The canonical bytes of `body` signed with `key`, which must be the sender's.
Bytes sign_tx(const TxBody& body, const SecretKey& key);

/// A transaction whose form and chain have been checked, and whose signature has not. Copies share
/// their content, which never changes.
class ParsedTx {
 public:
  /// Decodes and checks everything that needs neither state nor curve. Error kinds: tx_too_large,
  /// tx_malformed, tx_version_unknown, tx_wrong_chain, tx_operation_count.
  static Result<ParsedTx> parse(Bytes raw, const Hash& chain_id);
  /// The same of each. Ids that are hashed together cost little more than half.
  static std::vector<Result<ParsedTx>> parse_all(std::vector<Bytes> raws, const Hash& chain_id);

  const TxBody& body() const { return content_->tx.body; }
  const Signature& signature() const { return content_->tx.signature; }
  const Hash& id() const { return content_->id; }
  const Bytes& raw() const { return content_->raw; }

 private:
  struct Content {
    Tx tx;
    Hash id;
    Bytes raw;
  };
  explicit ParsedTx(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;
};

/// A transaction whose signature has been checked too, so that nothing that charges a fee can be
/// handed an unchecked one.
class VerifiedTx : public ParsedTx {
 public:
  /// For each the key of its sender, if that is one. Nothing for those that it has not signed; the
  /// others are moved.
  static std::vector<std::optional<VerifiedTx>> verify_all(
      std::span<ParsedTx> txs, std::span<const std::optional<SchnorrKey>> keys);
  /// Without a check: for the transactions of a block that this node has signed itself.
  static VerifiedTx vouched(ParsedTx tx) { return VerifiedTx(std::move(tx)); }

 private:
  explicit VerifiedTx(ParsedTx tx) : ParsedTx(std::move(tx)) {}
};

/// SHA-256 of the raw bytes: the same transaction has the same id on every node and engine.
Hash tx_id(ByteView raw);

/// ParsedTx::parse and the signature. Error kinds: those of parse, tx_signature_invalid.
Result<VerifiedTx> verify_tx(Bytes raw, const Hash& chain_id);

Error signature_invalid();

/// Decodes without checking the signature, to show a transaction. Kinds: tx_too_large,
/// tx_malformed.
Result<Tx> decode_tx(ByteView raw);

}  // namespace bourse::chain
