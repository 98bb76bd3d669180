// SPDX-License-Identifier: Apache-2.0
#include "market/tx/transfer.hpp"

namespace bourse::market {

TxResult<> check(const Transfer& tx) {
  if (tx.amount == Amount{}) return TxError::amount_is_zero;
  if (tx.to.is_zero()) return TxError::key_is_zero;
  return {};
}

TxResult<> apply(const Transfer& tx, TxContext& context) {
  TRY(context.state.charge(context.sender, tx.amount));
  context.state.pay(tx.to, tx.amount);
  return {};
}

}  // namespace bourse::market
