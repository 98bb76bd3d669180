// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Bytes tx;

  static constexpr auto fields() {
    return std::tuple{field("tx", &Params::tx, "The canonical bytes of the signed transaction.")};
  }
};

struct Reply {
  Hash id;

  static constexpr auto fields() {
    return std::tuple{field("id", &Reply::id, "Id to ask tx_get for.")};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const Hash id, backend.engine.submit(params.tx));
  return Reply{id};
}

}  // namespace

Method tx_submit() {
  return method<Params, Reply>(
      "tx_submit", "Sends a signed transaction. It is final once tx_get shows its receipt.", call);
}

}  // namespace bourse::rpc
