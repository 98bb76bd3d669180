// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Hash id;

  static constexpr auto fields() {
    return std::tuple{field("id", &Params::id, "Id of the transaction.")};
  }
};

struct Reply {
  bool in_block = false;
  std::optional<Height> height;
  std::optional<std::uint32_t> index;
  std::optional<TimeMs> time;
  std::optional<ReceiptView> receipt;

  static constexpr auto fields() {
    return std::tuple{field("in_block", &Reply::in_block,
                            "Whether it is in a block, and so final; otherwise it waits."),
                      field("height", &Reply::height, "The block."),
                      field("index", &Reply::index, "Its place in the block."),
                      field("time", &Reply::time, "Time of the block, in ms."),
                      field("receipt", &Reply::receipt, "What it did.")};
  }
};

Result<Reply> call(const Params& params, const Backend& backend) {
  const auto found = backend.engine.find(params.id);
  Reply reply;
  if (!found) {
    if (found.error().kind != "tx_waiting") return found.error();
    return reply;
  }
  reply.in_block = true;
  reply.height = found->height;
  reply.index = found->index;
  reply.time = found->time;
  reply.receipt = view(found->receipt);
  return reply;
}

}  // namespace

Method tx_get() {
  return hot_method<Params, Reply>("tx_get", "What became of a transaction.", call);
}

}  // namespace bourse::rpc
