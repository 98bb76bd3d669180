// SPDX-License-Identifier: Apache-2.0
#include "market/tx/bid_withdraw.hpp"

namespace bourse::market {

TxResult<> check(const BidWithdraw&) { return {}; }

TxResult<> apply(const BidWithdraw& tx, TxContext& context) {
  return close_offer(context, tx.bid, true);
}

}  // namespace bourse::market
