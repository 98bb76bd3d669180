// SPDX-License-Identifier: Apache-2.0
//
// A client's link to one node: it builds, signs and sends transactions, waits for their receipts,
// and moves blobs. It never signs what a node returned; bodies are built and digested here. The
// wallet and the provider's agent share it.
#pragma once

#include <functional>
#include <vector>

#include "base/json_fields.hpp"
#include "chain/tx.hpp"
#include "market/json.hpp"
#include "rpc/client.hpp"

namespace bourse::wallet {

/// What a transaction will cost and until when it is valid, before it is signed.
struct Draft {
  chain::TxBody body;
  /// The fee if the chain parameters stay as they are; `body.fee_limit` is a little above.
  Amount fee;
};

class NodeLink {
 public:
  /// Connects and learns which chain the node is on. Error kinds: those of the client;
  /// wrong_chain when `expected_chain` is given and the node is on another.
  static Result<NodeLink> open(rpc::ClientConfig config,
                               const std::optional<Hash>& expected_chain = std::nullopt);

  const Hash& chain_id() const { return chain_id_; }
  JsonStyle style() const { return style_; }
  rpc::Client& client() { return client_; }

  /// Calls a method and reads its reply into a T. Error kind: reply_malformed.
  template <class T>
  Result<T> call(std::string_view method, const Json& params);

  /// Fills in chain, nonce, fee limit and expiry. Error kinds: those of the market's checks.
  Result<Draft> draft(const Address& sender, std::vector<chain::Operation> operations);

  /// Sends a signed transaction and waits for its receipt. Sending the same bytes again is safe.
  /// Error kinds: those of tx_submit; the market's error name when it failed in a block;
  /// tx_expired when it was never included.
  Result<Height> send_and_wait(const Bytes& raw);

  /// draft, sign and send_and_wait in one.
  Result<Height> execute(const SecretKey& key, std::vector<chain::Operation> operations);

  /// Stores a blob and returns the node's signed receipt.
  Result<market::StorageReceipt> put_blob(const SecretKey& key, ByteView data,
                                          const std::optional<JobId>& job);
  Result<Bytes> get_blob(const SecretKey& key, const Hash& hash, const JobId& job,
                         std::uint64_t max_bytes);

 private:
  NodeLink() = default;
  Result<rpc::BlobCredentials> credentials(const SecretKey& key, std::string method,
                                           const Hash& hash, std::uint64_t size,
                                           const std::optional<JobId>& job);
  Result<TimeMs> node_time();

  rpc::Client client_;
  Hash chain_id_;
  JsonStyle style_;
  std::optional<market::Params> params_;
};

template <class T>
Result<T> NodeLink::call(std::string_view method, const Json& params) {
  TRY_ASSIGN(const Json json, client_.call(method, params));
  T value{};
  if (const auto read = from_json(json, value, style_); !read) {
    return Error{"reply_malformed",
                 "the node's reply to " + std::string(method) +
                     " is not what this version expects: " + read.error().message};
  }
  return value;
}

/// A member of an object reply, read into a T. Error kind: reply_malformed.
template <class T>
Result<T> member(const Json& json, std::string_view name, JsonStyle style) {
  const auto found = json.find(std::string(name));
  T value{};
  if (found == json.end() || !from_json(*found, value, style)) {
    return Error{"reply_malformed", "the node's reply has no proper " + std::string(name)};
  }
  return value;
}

}  // namespace bourse::wallet
