// SPDX-License-Identifier: Apache-2.0
#include "market/job_spec.hpp"
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  market::JobTerms terms;

  static constexpr auto fields() {
    return std::tuple{field("terms", &Params::terms, "The terms; `spec` may be zeros.")};
  }
};

Result<market::PriceEstimate> call(const Params& params, const Backend& backend) {
  return market::estimate_price(*backend.market.snapshot(), params.terms);
}

}  // namespace

Method market_estimate_price() {
  return method<Params, market::PriceEstimate>(
      "market_estimatePrice", "What the open offers ask for a job of these terms now.", call);
}

}  // namespace bourse::rpc
