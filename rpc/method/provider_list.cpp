// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  std::optional<Address> owner;
  std::optional<Address> agent_key;
  std::optional<std::string> cursor;
  std::optional<std::uint32_t> limit;

  static constexpr auto fields() {
    return std::tuple{field("owner", &Params::owner, "Only those of this owner."),
                      field("agent_key", &Params::agent_key, "Only those with this agent key."),
                      field("cursor", &Params::cursor, "Where to go on."),
                      field("limit", &Params::limit, "1 to 200; 50 when absent.")};
  }
};

Result<Page<market::Provider>> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  return page_of(state->table<market::Provider>(), params.cursor, params.limit,
                 [&](const market::Provider& provider) {
                   return (!params.owner || provider.owner == *params.owner) &&
                          (!params.agent_key || provider.agent_key == *params.agent_key);
                 });
}

}  // namespace

Method provider_list() {
  return method<Params, Page<market::Provider>>("provider_list", "Providers, newest first.", call);
}

}  // namespace bourse::rpc
