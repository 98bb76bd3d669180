// SPDX-License-Identifier: Apache-2.0
#include "market/job_spec.hpp"
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  market::JobSpec spec;
  market::JobTerms terms;

  static constexpr auto fields() {
    return std::tuple{field("spec", &Params::spec, "What to run."),
                      field("terms", &Params::terms, "For how much and how; `spec` is filled in.")};
  }
};

Result<market::PreparedJob> call(const Params& params, const Backend& backend) {
  return market::prepare_job(*backend.market.snapshot(), params.spec, params.terms);
}

}  // namespace

Method job_prepare() {
  return method<Params, market::PreparedJob>(
      "job_prepare",
      "Turns a spec and terms into the operation to sign, with its price and meaning.", call);
}

}  // namespace bourse::rpc
