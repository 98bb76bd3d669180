// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Bytes tx;

  static constexpr auto fields() {
    return std::tuple{
        field("tx", &Params::tx, "The bytes of the transaction; its signature may be zeros.")};
  }
};

struct Reply {
  std::string error;
  std::string sentence;
  std::uint16_t operation = 0;
  Amount fee;
  std::vector<market::Event> events;

  static constexpr auto fields() {
    return std::tuple{
        field("error", &Reply::error, "Name of the error, or \"ok\"."),
        field("sentence", &Reply::sentence, "The error in words; empty on success."),
        field("operation", &Reply::operation, "Index of the operation that would fail."),
        field("fee", &Reply::fee, "Grains that it would pay."),
        field("events", &Reply::events, "What the market would do.")};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const chain::Tx tx, chain::decode_tx(params.tx));
  const market::Simulation outcome = backend.market.simulate(tx.body);
  const ReceiptView receipt =
      view(chain::Receipt{Hash{}, outcome.error, outcome.operation, outcome.fee});
  return Reply{receipt.error, receipt.sentence, outcome.operation, outcome.fee, outcome.events};
}

}  // namespace

Method tx_simulate() {
  return method<Params, Reply>(
      "tx_simulate", "What a transaction would do now. The signature is not looked at.", call);
}

}  // namespace bourse::rpc
