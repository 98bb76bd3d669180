// SPDX-License-Identifier: Apache-2.0
#include "wallet/node_link.hpp"

#include <thread>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/errors.hpp"
#include "market/market.hpp"

namespace bourse::wallet {
namespace {

/// Long enough for a person with a slow node, short enough that a lost transaction dies soon.
constexpr DurationMs kTxLifetime = seconds(10 * 60);
constexpr DurationMs kBlobRequestLifetime = seconds(5 * 60);

}  // namespace

Result<NodeLink> NodeLink::open(rpc::ClientConfig config,
                                const std::optional<Hash>& expected_chain) {
  NodeLink link;
  TRY_ASSIGN(link.client_, rpc::Client::open(std::move(config)));
  TRY_ASSIGN(const Json status, link.client_.call("node_getStatus", Json::object()));
  TRY_ASSIGN(link.style_.network, member<Network>(status, "network", {}));
  TRY_ASSIGN(link.chain_id_, member<Hash>(status, "chain_id", {}));
  if (expected_chain && *expected_chain != link.chain_id_) {
    return Error{"wrong_chain", "the node is on chain 0x" + to_hex(link.chain_id_.bytes) +
                                    ", not on 0x" + to_hex(expected_chain->bytes)};
  }
  return link;
}

Result<TimeMs> NodeLink::node_time() {
  TRY_ASSIGN(const Json status, client_.call("node_getStatus", Json::object()));
  TRY_ASSIGN(const TimeMs now, member<TimeMs>(status, "now", style_));
  // The next block is not earlier than the last one, whatever the node's clock says.
  TRY_ASSIGN(const TimeMs tip, member<TimeMs>(status, "time", style_));
  return std::max(now, tip);
}

Result<Draft> NodeLink::draft(const Address& sender, std::vector<chain::Operation> operations) {
  if (!params_) {
    TRY_ASSIGN(params_, call<market::Params>("chain_getParams", Json::object()));
  }
  TRY_ASSIGN(const Json account,
             client_.call("account_get", {{"address", to_json(sender, style_)}}));
  Draft draft;
  draft.body.chain_id = chain_id_;
  draft.body.sender = sender;
  TRY_ASSIGN(draft.body.nonce, member<Nonce>(account, "next_nonce", style_));
  TRY_ASSIGN(const TimeMs now, node_time());
  draft.body.valid_until = now + kTxLifetime;
  draft.body.operations = std::move(operations);
  const auto weight = market::weigh(draft.body);
  if (weight.has_error()) return market::to_error(weight.error());
  // The fee depends on the size, and the size on how long the fee limit is written; the longest
  // spelling bounds both.
  draft.body.fee_limit = market::kAmountMax;
  const std::size_t bytes = encode(chain::Tx{draft.body, {}}).size();
  const auto fee = market::fee(*params_, bytes, *weight);
  if (!fee) return market::to_error(market::TxError::fee_limit_too_low);
  draft.body.fee_limit = *fee;
  draft.fee = *fee;
  return draft;
}

Result<Height> NodeLink::send_and_wait(const Bytes& raw) {
  TRY_ASSIGN(const chain::Tx tx, chain::decode_tx(raw));
  TRY(client_.call("tx_submit", {{"tx", "0x" + to_hex(raw)}}));
  const Json query = {{"id", "0x" + to_hex(chain::tx_id(raw).bytes)}};
  // A block follows a transaction within milliseconds on an idle node: ask soon, then less often.
  for (std::chrono::milliseconds pause{2};;
       pause = std::min(pause * 2, std::chrono::milliseconds(500))) {
    std::this_thread::sleep_for(pause);
    const auto reply = client_.call("tx_get", query);
    if (reply) {
      TRY_ASSIGN(const bool in_block, member<bool>(*reply, "in_block", style_));
      if (in_block) {
        const Json& receipt = (*reply)["receipt"];
        TRY_ASSIGN(const std::string error, member<std::string>(receipt, "error", style_));
        if (error == "ok") return member<Height>(*reply, "height", style_);
        TRY_ASSIGN(const std::string sentence, member<std::string>(receipt, "sentence", style_));
        return Error{error, sentence};
      }
    } else if (reply.error().kind != "tx_not_found") {
      return reply.error();
    }
    TRY_ASSIGN(const TimeMs now, node_time());
    if (now > tx.body.valid_until) {
      return Error{"tx_expired",
                   "the transaction was not included before it expired; send it anew"};
    }
  }
}

Result<Height> NodeLink::execute(const SecretKey& key, std::vector<chain::Operation> operations) {
  TRY_ASSIGN(const Address sender, public_key(key));
  TRY_ASSIGN(const Draft draft, this->draft(sender, std::move(operations)));
  return send_and_wait(chain::sign_tx(draft.body, key));
}

Result<rpc::BlobCredentials> NodeLink::credentials(const SecretKey& key, std::string method,
                                                   const Hash& hash, std::uint64_t size,
                                                   const std::optional<JobId>& job) {
  TRY_ASSIGN(const TimeMs now, node_time());
  const rpc::BlobRequest request{std::move(method),          hash,     size, job,
                                 now + kBlobRequestLifetime, chain_id_};
  TRY_ASSIGN(const Address address, public_key(key));
  return rpc::BlobCredentials{address, request.valid_until, rpc::sign_blob_request(key, request),
                              job};
}

Result<market::StorageReceipt> NodeLink::put_blob(const SecretKey& key, ByteView data,
                                                  const std::optional<JobId>& job) {
  const Hash hash = sha256(data);
  TRY_ASSIGN(const auto signed_request, credentials(key, "PUT", hash, data.size(), job));
  TRY_ASSIGN(const Json reply, client_.put_blob(hash, data, signed_request));
  market::StorageReceipt receipt;
  if (!from_json(reply, receipt, style_)) {
    return Error{"reply_malformed", "the node's storage receipt is not one"};
  }
  return receipt;
}

Result<Bytes> NodeLink::get_blob(const SecretKey& key, const Hash& hash, const JobId& job,
                                 std::uint64_t max_bytes) {
  TRY_ASSIGN(const auto signed_request, credentials(key, "GET", hash, 0, job));
  return client_.get_blob(hash, signed_request, max_bytes);
}

}  // namespace bourse::wallet
