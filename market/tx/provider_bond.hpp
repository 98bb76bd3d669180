// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Adds to a provider's free bond.
struct ProviderBond {
  ProviderId provider;
  Amount amount;

  static constexpr std::uint16_t type = 12;
  static constexpr std::string_view name = "provider_bond";
  static constexpr std::string_view doc = "Adds to a provider's free bond.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() {
    return std::tuple{field("provider", &ProviderBond::provider, "The provider."),
                      field("amount", &ProviderBond::amount, "Grains to add; not zero.")};
  }
};

TxResult<> check(const ProviderBond& tx);
TxResult<> apply(const ProviderBond& tx, TxContext& context);

}  // namespace bourse::market
