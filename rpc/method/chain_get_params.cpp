// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

Result<market::Params> call(const NoParams&, const Backend& backend) {
  return backend.market.snapshot()->globals().params;
}

}  // namespace

Method chain_get_params() {
  return method<NoParams, market::Params>("chain_getParams", "The chain parameters in force.",
                                          call);
}

}  // namespace bourse::rpc
