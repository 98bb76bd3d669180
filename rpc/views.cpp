// SPDX-License-Identifier: Apache-2.0
#include "rpc/views.hpp"

#include "base/codec.hpp"

namespace bourse::rpc {

ReceiptView view(const chain::Receipt& receipt) {
  ReceiptView out{receipt.tx, "ok", "", receipt.operation, receipt.fee};
  if (const market::ErrorInfo* info = market::find_error(receipt.error)) {
    out.error = info->name;
    out.sentence = info->sentence;
  }
  return out;
}

Json view(const chain::Operation& operation, JsonStyle style) {
  const auto tx = market::decode_operation(operation);
  if (tx.has_error()) {
    return {{"type", operation.type}, {"name", market::to_error(tx.error()).kind}};
  }
  return std::visit(
      [&]<class T>(const T& typed) -> Json {
        return {{"type", T::type}, {"name", T::name}, {"fields", to_json(typed, style)}};
      },
      *tx);
}

TxView view(const chain::Tx& tx, ByteView raw, JsonStyle style) {
  TxView out;
  out.id = chain::tx_id(raw);
  out.version = tx.body.version;
  out.chain_id = tx.body.chain_id;
  out.sender = tx.body.sender;
  out.nonce = tx.body.nonce;
  out.fee_limit = tx.body.fee_limit;
  out.valid_until = tx.body.valid_until;
  for (const chain::Operation& operation : tx.body.operations) {
    out.operations.push_back(view(operation, style));
  }
  out.signature = tx.signature;
  return out;
}

std::vector<EventView> events_of(const chain::Block& block,
                                 const std::function<bool(const market::Event&)>& wanted) {
  std::vector<EventView> out;
  for (std::uint32_t i = 0; i < block.events.size(); ++i) {
    const auto event = decode<market::Event>(block.events[i]);
    CHECK(event.has_value());
    if (wanted(*event)) out.push_back({block.header.height, i, block.header.time, *event});
  }
  return out;
}

}  // namespace bourse::rpc
