// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Starts to take free bond back; it is paid out after the unbonding delay.
/// A second request before the first is paid joins it, and the delay starts anew.
struct ProviderUnbond {
  ProviderId provider;
  Amount amount;

  static constexpr std::uint16_t type = 13;
  static constexpr std::string_view name = "provider_unbond";
  static constexpr std::string_view doc =
      "Starts to take free bond back; it is paid out after the unbonding delay.";
  std::uint64_t weight() const { return 30; }

  static constexpr auto fields() {
    return std::tuple{field("provider", &ProviderUnbond::provider, "The provider."),
                      field("amount", &ProviderUnbond::amount, "Grains to take back; not zero.")};
  }
};

TxResult<> check(const ProviderUnbond& tx);
TxResult<> apply(const ProviderUnbond& tx, TxContext& context);

}  // namespace bourse::market
