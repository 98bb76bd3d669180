// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Takes a bid back; work that it was matched to goes on.
struct BidWithdraw {
  OfferId bid;

  static constexpr std::uint16_t type = 24;
  static constexpr std::string_view name = "bid_withdraw";
  static constexpr std::string_view doc = "Takes a bid back; work that it was matched to goes on.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() { return std::tuple{field("bid", &BidWithdraw::bid, "The bid.")}; }
};

TxResult<> check(const BidWithdraw& tx);
TxResult<> apply(const BidWithdraw& tx, TxContext& context);

}  // namespace bourse::market
