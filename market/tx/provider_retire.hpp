// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Ends a provider that works on nothing; its bond is paid out after the unbonding delay.
/// Its offers take no more work and expire by themselves.
struct ProviderRetire {
  ProviderId provider;

  static constexpr std::uint16_t type = 14;
  static constexpr std::string_view name = "provider_retire";
  static constexpr std::string_view doc =
      "Ends a provider that works on nothing; its bond is paid out after the unbonding delay.";
  std::uint64_t weight() const { return 30; }

  static constexpr auto fields() {
    return std::tuple{field("provider", &ProviderRetire::provider, "The provider.")};
  }
};

TxResult<> check(const ProviderRetire& tx);
TxResult<> apply(const ProviderRetire& tx, TxContext& context);

}  // namespace bourse::market
