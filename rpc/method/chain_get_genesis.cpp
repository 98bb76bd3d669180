// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Reply {
  Hash chain_id;
  market::Genesis genesis;

  static constexpr auto fields() {
    return std::tuple{field("chain_id", &Reply::chain_id, "Tagged hash of the genesis."),
                      field("genesis", &Reply::genesis, "The genesis.")};
  }
};

Result<Reply> call(const NoParams&, const Backend& backend) {
  return Reply{backend.chain_id, backend.market.genesis()};
}

}  // namespace

Method chain_get_genesis() {
  return method<NoParams, Reply>("chain_getGenesis",
                                 "The genesis and the id of the chain that it makes.", call);
}

}  // namespace bourse::rpc
