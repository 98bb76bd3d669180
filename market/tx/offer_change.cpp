// SPDX-License-Identifier: Apache-2.0
#include "market/tx/offer_change.hpp"

namespace bourse::market {

TxResult<> check(const OfferChange& tx) { return check_offer_terms(tx.terms); }

TxResult<> apply(const OfferChange& tx, TxContext& context) {
  if (tx.terms.lifetime > context.state.params().offer_lifetime_max) {
    return TxError::duration_too_long;
  }
  const Offer* offer = context.state.get<Offer>(tx.offer);
  if (!offer) return TxError::offer_not_found;
  TRY(owned_provider(context, offer->provider));
  if (offer->state != OfferState::open) return TxError::offer_closed;
  const Bundle used = subtract(offer->terms.capacity, offer->free);
  if (!fits(used, tx.terms.capacity)) return TxError::capacity_in_use;
  if (tx.terms.arch != offer->terms.arch || tx.terms.gpu_model != offer->terms.gpu_model) {
    return TxError::offer_class_fixed;
  }
  Offer& changed = context.state.edit<Offer>(tx.offer);
  changed.terms = tx.terms;
  changed.free = subtract(tx.terms.capacity, used);
  changed.timer = context.state.clock() + tx.terms.lifetime;
  return {};
}

}  // namespace bourse::market
