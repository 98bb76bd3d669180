// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  JobId job;
  std::optional<std::string> cursor;
  std::optional<std::uint32_t> limit;

  static constexpr auto fields() {
    return std::tuple{field("job", &Params::job, "The job."),
                      field("cursor", &Params::cursor, "Where to go on."),
                      field("limit", &Params::limit, "1 to 200; 50 when absent.")};
  }
};

Result<Page<market::Offer>> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  return page_of(state->table<market::Offer>(), params.cursor, params.limit,
                 [&](const market::Offer& offer) { return *offer.job == params.job; });
}

}  // namespace

Method market_list_bids() {
  return method<Params, Page<market::Offer>>("market_listBids", "The bids for a job, newest first.",
                                             call);
}

}  // namespace bourse::rpc
