// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Takes a standing offer off the market; work that it was matched to goes on.
struct OfferCancel {
  OfferId offer;

  static constexpr std::uint16_t type = 22;
  static constexpr std::string_view name = "offer_cancel";
  static constexpr std::string_view doc =
      "Takes a standing offer off the market; work that it was matched to goes on.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() {
    return std::tuple{field("offer", &OfferCancel::offer, "The offer.")};
  }
};

TxResult<> check(const OfferCancel& tx);
TxResult<> apply(const OfferCancel& tx, TxContext& context);

}  // namespace bourse::market
