// SPDX-License-Identifier: Apache-2.0
#include "market/tx/provider_unbond.hpp"

namespace bourse::market {

TxResult<> check(const ProviderUnbond& tx) {
  if (tx.amount == Amount{}) return TxError::amount_is_zero;
  return {};
}

TxResult<> apply(const ProviderUnbond& tx, TxContext& context) {
  TRY_ASSIGN(const Provider* owned, owned_provider(context, tx.provider));
  if (owned->retired) return TxError::provider_retired;
  if (owned->bond_free < tx.amount) return TxError::bond_too_low;
  Provider& provider = context.state.edit<Provider>(tx.provider);
  provider.bond_free -= tx.amount;
  provider.unbonding += tx.amount;
  provider.timer = context.state.clock() + context.state.params().unbond_delay;
  return {};
}

}  // namespace bourse::market
