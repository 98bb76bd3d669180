// SPDX-License-Identifier: Apache-2.0
#include "market/tx_types.hpp"

namespace bourse::market {

namespace {

template <TxType T>
TxResult<AnyTx> decode_as(const Bytes& body) {
  auto tx = decode<T>(body);
  if (!tx) return TxError::operation_malformed;
  return AnyTx(std::move(*tx));
}

template <TxType... Types>
TxResult<AnyTx> decode_any(TxList<Types...>, const chain::Operation& operation) {
  TxResult<AnyTx> result = TxError::operation_type_unknown;
  const auto try_one = [&]<class T>(std::type_identity<T>) {
    if (operation.type != T::type) return false;
    result = decode_as<T>(operation.body);
    return true;
  };
  (try_one(std::type_identity<Types>{}) || ...);
  return result;
}

}  // namespace

TxResult<AnyTx> decode_operation(const chain::Operation& operation) {
  return decode_any(TxTypes{}, operation);
}

}  // namespace bourse::market
