// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Height height;

  static constexpr auto fields() {
    return std::tuple{field("height", &Params::height, "Height of the block.")};
  }
};

struct Reply {
  chain::Header header;
  Hash hash;
  Signature signature;
  std::vector<TxView> transactions;
  std::vector<ReceiptView> receipts;
  std::vector<EventView> events;

  static constexpr auto fields() {
    return std::tuple{field("header", &Reply::header, "The header."),
                      field("hash", &Reply::hash, "Its tagged hash, which is signed."),
                      field("signature", &Reply::signature, "The proposer's ed25519 signature."),
                      field("transactions", &Reply::transactions, "In order."),
                      field("receipts", &Reply::receipts, "One for each transaction."),
                      field("events", &Reply::events, "System events.")};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const chain::Block block, backend.store.block(params.height));
  Reply reply;
  reply.header = block.header;
  reply.hash = chain::header_hash(block.header);
  reply.signature = block.signature;
  for (const Bytes& raw : block.transactions) {
    TRY_ASSIGN(const chain::Tx tx, chain::decode_tx(raw));
    reply.transactions.push_back(view(tx, raw, backend.style));
  }
  for (const chain::Receipt& receipt : block.receipts) reply.receipts.push_back(view(receipt));
  reply.events = events_of(block, [](const market::Event&) { return true; });
  return reply;
}

}  // namespace

Method chain_get_block() {
  return method<Params, Reply>("chain_getBlock",
                               "A block with its transactions, receipts and events.", call);
}

}  // namespace bourse::rpc
