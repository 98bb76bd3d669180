// SPDX-License-Identifier: Apache-2.0
#include "market/tx/offer_create.hpp"

namespace bourse::market {

TxResult<> check(const OfferCreate& tx) { return check_offer_terms(tx.terms); }

TxResult<> apply(const OfferCreate& tx, TxContext& context) {
  TRY(may_post_offer(context, tx.provider, tx.terms));
  post_offer(context, tx.provider, tx.terms, JobId{});
  return {};
}

}  // namespace bourse::market
