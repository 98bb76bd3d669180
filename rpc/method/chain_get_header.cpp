// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Height height;

  static constexpr auto fields() {
    return std::tuple{field("height", &Params::height, "Height of the block.")};
  }
};

struct Reply {
  chain::Header header;
  Hash hash;
  Signature signature;

  static constexpr auto fields() {
    return std::tuple{field("header", &Reply::header, "The header."),
                      field("hash", &Reply::hash, "Its tagged hash, which is signed."),
                      field("signature", &Reply::signature, "The proposer's ed25519 signature.")};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const chain::Block block, backend.store.block(params.height));
  return Reply{block.header, chain::header_hash(block.header), block.signature};
}

}  // namespace

Method chain_get_header() {
  return method<Params, Reply>("chain_getHeader",
                               "The header of a block and the proposer's signature.", call);
}

}  // namespace bourse::rpc
