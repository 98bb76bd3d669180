// SPDX-License-Identifier: Apache-2.0
#include "market/tx/provider_bond.hpp"

namespace bourse::market {

TxResult<> check(const ProviderBond& tx) {
  if (tx.amount == Amount{}) return TxError::amount_is_zero;
  return {};
}

TxResult<> apply(const ProviderBond& tx, TxContext& context) {
  TRY_ASSIGN(const Provider* owned, owned_provider(context, tx.provider));
  if (owned->retired) return TxError::provider_retired;
  TRY(context.state.charge(context.sender, tx.amount));
  context.state.edit<Provider>(tx.provider).bond_free += tx.amount;
  return {};
}

}  // namespace bourse::market
