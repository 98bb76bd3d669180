// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  std::optional<market::OfferState> state;
  std::optional<ProviderId> provider;
  std::optional<market::Arch> arch;
  std::optional<std::string> cursor;
  std::optional<std::uint32_t> limit;

  static constexpr auto fields() {
    return std::tuple{field("state", &Params::state, "Only those in this state."),
                      field("provider", &Params::provider, "Only those of this provider."),
                      field("arch", &Params::arch, "Only those of this architecture."),
                      field("cursor", &Params::cursor, "Where to go on."),
                      field("limit", &Params::limit, "1 to 200; 50 when absent.")};
  }
};

Result<Page<market::Offer>> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  return page_of(state->table<market::Offer>(), params.cursor, params.limit,
                 [&](const market::Offer& offer) {
                   return !offer.is_bid() && (!params.state || offer.state == *params.state) &&
                          (!params.provider || offer.provider == *params.provider) &&
                          (!params.arch || offer.terms.arch == *params.arch);
                 });
}

}  // namespace

Method market_list_offers() {
  return method<Params, Page<market::Offer>>("market_listOffers", "Standing offers, newest first.",
                                             call);
}

}  // namespace bourse::rpc
