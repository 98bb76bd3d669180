// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Reply {
  Height height;
  Amount supply;
  Amount accounts;
  Amount providers;
  Amount jobs;
  Amount tasks;
  Amount assignments;
  Amount burned;

  static constexpr auto fields() {
    return std::tuple{field("height", &Reply::height, "Height of the state that was counted."),
                      field("supply", &Reply::supply, "Grains of the genesis."),
                      field("accounts", &Reply::accounts, "Balances."),
                      field("providers", &Reply::providers, "Free and unbonding bonds."),
                      field("jobs", &Reply::jobs, "Escrow that no replica has drawn."),
                      field("tasks", &Reply::tasks, "Bonds of disputes."),
                      field("assignments", &Reply::assignments, "Prices and bonds of replicas."),
                      field("burned", &Reply::burned, "Gone for good.")};
  }
};

template <class Record>
Amount held_in(const market::State& state) {
  Amount sum;
  const auto& table = state.table<Record>();
  for (std::uint32_t i = 0; i < table.size(); ++i) sum += market::held(table.at(i));
  return sum;
}

Result<Reply> call(const NoParams&, const Backend& backend) {
  const auto state = backend.market.snapshot();
  Reply reply;
  reply.height = state->height;
  reply.supply = state->globals().supply;
  reply.burned = state->globals().burned;
  reply.accounts = held_in<market::Account>(*state);
  reply.providers = held_in<market::Provider>(*state);
  reply.jobs = held_in<market::Job>(*state);
  reply.tasks = held_in<market::Task>(*state);
  reply.assignments = held_in<market::Assignment>(*state);
  return reply;
}

}  // namespace

Method chain_get_supply() {
  return method<NoParams, Reply>("chain_getSupply",
                                 "Where every grain is: the parts add up to the supply.", call);
}

}  // namespace bourse::rpc
