// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  std::optional<Address> owner;
  std::optional<market::JobState> state;
  std::optional<std::string> cursor;
  std::optional<std::uint32_t> limit;

  static constexpr auto fields() {
    return std::tuple{field("owner", &Params::owner, "Only those of this owner."),
                      field("state", &Params::state, "Only those in this state."),
                      field("cursor", &Params::cursor, "Where to go on."),
                      field("limit", &Params::limit, "1 to 200; 50 when absent.")};
  }
};

Result<Page<market::Job>> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  return page_of(state->table<market::Job>(), params.cursor, params.limit,
                 [&](const market::Job& job) {
                   return (!params.owner || job.owner == *params.owner) &&
                          (!params.state || job.state == *params.state);
                 });
}

}  // namespace

Method job_list() {
  return method<Params, Page<market::Job>>("job_list", "Jobs, newest first.", call);
}

}  // namespace bourse::rpc
