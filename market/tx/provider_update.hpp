// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Replaces a provider's agent key and payout account.
struct ProviderUpdate {
  ProviderId provider;
  Address agent_key;
  Address payout;

  static constexpr std::uint16_t type = 11;
  static constexpr std::string_view name = "provider_update";
  static constexpr std::string_view doc = "Replaces a provider's agent key and payout account.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() {
    return std::tuple{
        field("provider", &ProviderUpdate::provider, "The provider."),
        field("agent_key", &ProviderUpdate::agent_key,
              "The new agent key; the old one stops working at once."),
        field("payout", &ProviderUpdate::payout, "Account that earnings go to from now on.")};
  }
};

TxResult<> check(const ProviderUpdate& tx);
TxResult<> apply(const ProviderUpdate& tx, TxContext& context);

}  // namespace bourse::market
