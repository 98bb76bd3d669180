// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  OfferId offer;

  static constexpr auto fields() {
    return std::tuple{field("offer", &Params::offer, "The offer or bid.")};
  }
};

Result<market::Offer> call(const Params& params, const Backend& backend) {
  return find_record<market::Offer>(backend, params.offer, market::TxError::offer_not_found);
}

}  // namespace

Method market_get_offer() {
  return hot_method<Params, market::Offer>("market_getOffer", "An offer or a bid.", call);
}

}  // namespace bourse::rpc
