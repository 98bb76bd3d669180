// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Moves grains to another account.
struct Transfer {
  Address to;
  Amount amount;

  static constexpr std::uint16_t type = 1;
  static constexpr std::string_view name = "transfer";
  static constexpr std::string_view doc = "Moves grains to another account.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() {
    return std::tuple{field("to", &Transfer::to, "Who receives."),
                      field("amount", &Transfer::amount, "Grains to move; not zero.")};
  }
};

TxResult<> check(const Transfer& tx);
TxResult<> apply(const Transfer& tx, TxContext& context);

}  // namespace bourse::market
