// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Posts a standing offer of a machine's capacity.
struct OfferCreate {
  ProviderId provider;
  OfferTerms terms;

  static constexpr std::uint16_t type = 20;
  static constexpr std::string_view name = "offer_create";
  static constexpr std::string_view doc = "Posts a standing offer of a machine's capacity.";
  std::uint64_t weight() const { return 50; }

  static constexpr auto fields() {
    return std::tuple{
        field("provider", &OfferCreate::provider, "Who offers."),
        field("terms", &OfferCreate::terms, "What is offered, for how much and how long.")};
  }
};

TxResult<> check(const OfferCreate& tx);
TxResult<> apply(const OfferCreate& tx, TxContext& context);

}  // namespace bourse::market
