// SPDX-License-Identifier: Apache-2.0
#include "market/tx/provider_update.hpp"

namespace bourse::market {

TxResult<> check(const ProviderUpdate& tx) {
  if (tx.agent_key.is_zero() || tx.payout.is_zero()) return TxError::key_is_zero;
  return {};
}

TxResult<> apply(const ProviderUpdate& tx, TxContext& context) {
  TRY_ASSIGN(const Provider* owned, owned_provider(context, tx.provider));
  if (owned->retired) return TxError::provider_retired;
  Provider& provider = context.state.edit<Provider>(tx.provider);
  provider.agent_key = tx.agent_key;
  provider.payout = tx.payout;
  return {};
}

}  // namespace bourse::market
