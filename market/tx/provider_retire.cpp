// SPDX-License-Identifier: Apache-2.0
#include "market/tx/provider_retire.hpp"

namespace bourse::market {

TxResult<> check(const ProviderRetire&) { return {}; }

TxResult<> apply(const ProviderRetire& tx, TxContext& context) {
  TRY_ASSIGN(const Provider* owned, owned_provider(context, tx.provider));
  if (owned->retired) return TxError::provider_retired;
  if (!owned->assignments.empty()) return TxError::provider_is_busy;
  Provider& provider = context.state.edit<Provider>(tx.provider);
  provider.retired = true;
  if (provider.bond_free == Amount{}) return {};
  provider.unbonding += provider.bond_free;
  provider.bond_free = {};
  provider.timer = context.state.clock() + context.state.params().unbond_delay;
  return {};
}

}  // namespace bourse::market
