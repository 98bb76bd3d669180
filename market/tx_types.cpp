// SPDX-License-Identifier: Apache-2.0
#include "market/tx_types.hpp"

namespace bourse::market {

namespace {

template <TxType T>
TxResult<AnyTx> decode_as(const Bytes& body) {
  // Made where it is returned: to move one of so many types costs as much as to read a small one.
  TxResult<AnyTx> tx(boost::system::in_place_value, std::in_place_type<T>);
  CborReader in(body);
  read(in, std::get<T>(*tx));
  if (!in.finished()) return TxError::operation_malformed;
  return tx;
}

template <TxType... Types>
TxResult<AnyTx> decode_any(TxList<Types...>, const chain::Operation& operation) {
  TxResult<AnyTx> (*decode)(const Bytes&) = nullptr;
  const bool is_known =
      ((operation.type == Types::type && (decode = decode_as<Types>) != nullptr) || ...);
  if (!is_known) return TxError::operation_type_unknown;
  return decode(operation.body);
}

}  // namespace

TxResult<AnyTx> decode_operation(const chain::Operation& operation) {
  return decode_any(TxTypes{}, operation);
}

}  // namespace bourse::market
