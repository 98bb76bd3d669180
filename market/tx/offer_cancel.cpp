// SPDX-License-Identifier: Apache-2.0
#include "market/tx/offer_cancel.hpp"

namespace bourse::market {

TxResult<> check(const OfferCancel&) { return {}; }

TxResult<> apply(const OfferCancel& tx, TxContext& context) {
  return close_offer(context, tx.offer, false);
}

}  // namespace bourse::market
