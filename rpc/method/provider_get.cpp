// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"
#include "rpc/work.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  ProviderId provider;
  std::optional<bool> proof;

  static constexpr auto fields() {
    return std::tuple{field("provider", &Params::provider, "The provider."),
                      field("proof", &Params::proof, kProofParam)};
  }
};

struct Reply {
  market::Provider provider;
  std::vector<Work> work;
  TimeMs clock;
  std::optional<market::ProvedRecord> proof;

  static constexpr auto fields() {
    return std::tuple{field("provider", &Reply::provider, "The provider."),
                      field("work", &Reply::work, "Its live assignments, oldest first."),
                      field("clock", &Reply::clock, "The running clock that deadlines are on."),
                      field("proof", &Reply::proof, kProofReply)};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  const market::Provider* provider = state->get<market::Provider>(params.provider);
  if (!provider) return market::to_error(market::TxError::provider_not_found);
  Reply reply;
  reply.provider = *provider;
  for (const AssignmentId& id : provider->assignments) {
    const market::Assignment& assignment = *state->get<market::Assignment>(id);
    reply.work.push_back({assignment, state->get<market::Job>(assignment.job)->terms,
                          *state->get<market::Task>(assignment.task)});
  }
  reply.clock = state->clock();
  reply.proof = proof_if<market::Provider>(params.proof, backend, params.provider);
  return reply;
}

}  // namespace

Method provider_get() {
  return method<Params, Reply>("provider_get", "A provider and the assignments that it works on.",
                               call);
}

}  // namespace bourse::rpc
