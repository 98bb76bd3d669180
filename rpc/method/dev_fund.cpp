// SPDX-License-Identifier: Apache-2.0
#include "rpc/dev_sender.hpp"
#include "rpc/methods.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Address address;
  Amount amount;

  static constexpr auto fields() {
    return std::tuple{field("address", &Params::address, "Who receives."),
                      field("amount", &Params::amount, "Grains to send.")};
  }
};

struct Reply {
  Hash id;

  static constexpr auto fields() {
    return std::tuple{field("id", &Reply::id, "Id of the transfer.")};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const DevSent sent,
             send_from_dev_account(
                 backend, {market::to_operation(market::Transfer{params.address, params.amount})}));
  return Reply{sent.id};
}

}  // namespace

Method dev_fund() {
  return method<Params, Reply>("dev_fund", "Sends grains from the dev chain's first account.",
                               call);
}

}  // namespace bourse::rpc
