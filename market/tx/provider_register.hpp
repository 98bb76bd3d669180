// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Registers a provider that the sender owns, with its first bond.
struct ProviderRegister {
  Address agent_key;
  Address payout;
  std::string region;
  Amount bond;

  static constexpr std::uint16_t type = 10;
  static constexpr std::string_view name = "provider_register";
  static constexpr std::string_view doc =
      "Registers a provider that the sender owns, with its first bond.";
  std::uint64_t weight() const { return 50; }

  static constexpr auto fields() {
    return std::tuple{field("agent_key", &ProviderRegister::agent_key,
                            "Key that may work on assignments, and no more."),
                      field("payout", &ProviderRegister::payout, "Account that earnings go to."),
                      field("region", &ProviderRegister::region, "Where it is; may be empty."),
                      field("bond", &ProviderRegister::bond, "First bond in grains; may be 0.")};
  }
};

TxResult<> check(const ProviderRegister& tx);
TxResult<> apply(const ProviderRegister& tx, TxContext& context);

}  // namespace bourse::market
