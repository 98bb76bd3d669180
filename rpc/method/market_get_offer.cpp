// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  OfferId offer;
  std::optional<bool> proof;

  static constexpr auto fields() {
    return std::tuple{field("offer", &Params::offer, "The offer or bid."),
                      field("proof", &Params::proof, kProofParam)};
  }
};

struct Reply {
  market::Offer offer;
  std::optional<market::ProvedRecord> proof;

  static constexpr auto fields() {
    return std::tuple{field("offer", &Reply::offer, "The offer or bid."),
                      field("proof", &Reply::proof, kProofReply)};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const auto offer,
             find_record<market::Offer>(backend, params.offer, market::TxError::offer_not_found));
  return Reply{offer, proof_if<market::Offer>(params.proof, backend, params.offer)};
}

}  // namespace

Method market_get_offer() {
  return hot_method<Params, Reply>("market_getOffer", "An offer or a bid.", call);
}

}  // namespace bourse::rpc
