// SPDX-License-Identifier: Apache-2.0
#include "market/tx_types.hpp"

namespace bourse::market {

TxResult<AnyTx> decode_operation(const chain::Operation& operation) {
  TxResult<AnyTx> result = TxError::operation_type_unknown;
  TxTypes::for_each([&]<class T>(const T&) {
    if (operation.type != T::type) return;
    if (auto tx = decode<T>(operation.body)) {
      result = AnyTx(std::move(*tx));
    } else {
      result = TxError::operation_malformed;
    }
  });
  return result;
}

}  // namespace bourse::market
