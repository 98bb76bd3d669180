// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Offers capacity to one job.
struct BidPlace {
  ProviderId provider;
  JobId job;
  OfferTerms terms;

  static constexpr std::uint16_t type = 23;
  static constexpr std::string_view name = "bid_place";
  static constexpr std::string_view doc = "Offers capacity to one job.";
  std::uint64_t weight() const { return 50; }

  static constexpr auto fields() {
    return std::tuple{
        field("provider", &BidPlace::provider, "Who bids."),
        field("job", &BidPlace::job, "The job that the bid is for."),
        field("terms", &BidPlace::terms, "What is offered, for how much and how long.")};
  }
};

TxResult<> check(const BidPlace& tx);
TxResult<> apply(const BidPlace& tx, TxContext& context);

}  // namespace bourse::market
