// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Reply {
  Height height;
  Hash hash;
  TimeMs time;
  std::uint64_t transactions = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("height", &Reply::height, "Height of the newest block; 0 before the first."),
        field("hash", &Reply::hash, "Its hash."), field("time", &Reply::time, "Its time, in ms."),
        field("transactions", &Reply::transactions, "In all blocks up to it.")};
  }
};

Result<Reply> call(const NoParams&, const Backend& backend) {
  const chain::EngineStatus status = backend.engine.status();
  return Reply{status.height, status.hash, status.time, status.transactions};
}

}  // namespace

Method chain_get_head() {
  return method<NoParams, Reply>("chain_getHead", "The newest block.", call);
}

}  // namespace bourse::rpc
