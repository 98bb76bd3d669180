// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  std::string table;
  Bytes key;

  static constexpr auto fields() {
    return std::tuple{
        field("table", &Params::table,
              "globals, account, provider, offer, job, task or assignment."),
        field("key", &Params::key,
              "The record's id, an account's 32 bytes, or 8 zero bytes for globals.")};
  }
};

Result<market::ProvedRecord> call(const Params& params, const Backend& backend) {
  return backend.market.prove(params.table, params.key);
}

}  // namespace

Method chain_get_proof() {
  return method<Params, market::ProvedRecord>(
      "chain_getProof",
      "A record of the state, or its absence, with the proof that a signed header confirms.", call);
}

}  // namespace bourse::rpc
