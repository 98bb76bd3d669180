// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Changes the capacity, prices and expiry of an open offer or bid.
/// Assignments that were matched before keep their price.
struct OfferChange {
  OfferId offer;
  OfferTerms terms;

  static constexpr std::uint16_t type = 21;
  static constexpr std::string_view name = "offer_change";
  static constexpr std::string_view doc =
      "Changes the capacity, prices and expiry of an open offer or bid.";
  std::uint64_t weight() const { return 30; }

  static constexpr auto fields() {
    return std::tuple{field("offer", &OfferChange::offer, "The offer."),
                      field("terms", &OfferChange::terms,
                            "The new terms; architecture and GPU model must stay.")};
  }
};

TxResult<> check(const OfferChange& tx);
TxResult<> apply(const OfferChange& tx, TxContext& context);

}  // namespace bourse::market
