// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Address address;
  std::optional<bool> proof;

  static constexpr auto fields() {
    return std::tuple{field("address", &Params::address, "The account."),
                      field("proof", &Params::proof, kProofParam)};
  }
};

struct Reply {
  Address address;
  Amount balance;
  Nonce nonce;
  Nonce next_nonce;
  std::optional<market::ProvedRecord> proof;

  static constexpr auto fields() {
    return std::tuple{field("address", &Reply::address, "The account."),
                      field("balance", &Reply::balance,
                            "Grains that it can spend; 0 when nobody has paid it yet."),
                      field("nonce", &Reply::nonce, "Transactions in blocks."),
                      field("next_nonce", &Reply::next_nonce,
                            "Nonce for the next transaction, waiting ones counted."),
                      field("proof", &Reply::proof, kProofReply)};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  const market::Account* account = state->get<market::Account>(params.address);
  Reply reply;
  reply.address = params.address;
  if (account) {
    reply.balance = account->balance;
    reply.nonce = account->nonce;
  }
  reply.next_nonce = backend.engine.next_nonce(params.address);
  reply.proof = proof_if<market::Account>(params.proof, backend, params.address);
  return reply;
}

}  // namespace

Method account_get() {
  return hot_method<Params, Reply>("account_get",
                                   "An account: its balance and the nonce to use next.", call);
}

}  // namespace bourse::rpc
