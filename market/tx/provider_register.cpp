// SPDX-License-Identifier: Apache-2.0
#include "market/tx/provider_register.hpp"

namespace bourse::market {

TxResult<> check(const ProviderRegister& tx) {
  TRY(check_text(tx.region));
  if (tx.agent_key.is_zero() || tx.payout.is_zero()) return TxError::key_is_zero;
  return {};
}

TxResult<> apply(const ProviderRegister& tx, TxContext& context) {
  TRY(context.state.charge(context.sender, tx.bond));
  Provider provider;
  provider.id = context.new_id<ProviderId>();
  provider.owner = context.sender;
  provider.agent_key = tx.agent_key;
  provider.payout = tx.payout;
  provider.region = tx.region;
  provider.bond_free = tx.bond;
  context.state.insert(std::move(provider));
  return {};
}

}  // namespace bourse::market
