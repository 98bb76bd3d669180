// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Bytes tx;

  static constexpr auto fields() {
    return std::tuple{field("tx", &Params::tx, "The bytes of the transaction.")};
  }
};

Result<TxView> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const chain::Tx tx, chain::decode_tx(params.tx));
  return view(tx, params.tx, backend.style);
}

}  // namespace

Method tx_decode() {
  return method<Params, TxView>("tx_decode", "A transaction taken apart.", call);
}

}  // namespace bourse::rpc
