// SPDX-License-Identifier: Apache-2.0
//
// POST /tx: transactions as they are, one after the other, without JSON and hex around them.
#include "base/cbor.hpp"
#include "base/json_text.hpp"
#include "rpc/session.hpp"

namespace bourse::rpc {
namespace {

/// As many as fit into the longest body when each has a signature and a little more.
constexpr std::size_t kTransactionsMax = 65'536;
/// How many are given to the engine at a time, so that others get their turn in between.
constexpr std::size_t kPieceMax = 512;

/// The items of a CBOR sequence (RFC 8742), still encoded.
Result<std::vector<ByteView>> split(ByteView body) {
  std::vector<ByteView> items;
  CborReader reader(body);
  while (reader.remaining() > 0) {
    const ByteView item = reader.skip();
    if (!reader.ok()) {
      return Error{"sequence_malformed", "transaction " + std::to_string(items.size()) +
                                             " is not canonical CBOR; nothing was submitted"};
    }
    if (items.size() == kTransactionsMax) {
      return Error{"too_many_transactions", "a body has at most " +
                                                std::to_string(kTransactionsMax) +
                                                " transactions; nothing was submitted"};
    }
    items.push_back(item);
  }
  return items;
}

/// What became of the transactions so far.
struct Tally {
  std::size_t count = 0;
  std::size_t accepted = 0;
  std::size_t busy = 0;
  std::string refused;

  void add(const Result<Hash>& result) {
    const std::size_t index = count++;
    if (result) {
      ++accepted;
    } else {
      refuse(index, result.error());
    }
  }

  void refuse(std::size_t index, const Error& error) {
    if (error.kind == "busy") ++busy;
    if (!refused.empty()) refused += ',';
    refused += R"({"index":)" + std::to_string(index) + R"(,"kind":)";
    write_json(refused, error.kind, {});
    refused += R"(,"message":)";
    write_json(refused, error.message, {});
    refused += R"(,"retryable":)";
    write_json(refused, passes_with_time(error.kind), {});
    refused += '}';
  }
};

}  // namespace

asio::awaitable<HttpReply> answer_txs(ServerCore& core, std::string_view body) {
  const auto items = split(as_bytes(body));
  if (!items) co_return refusal(400, items.error().kind, items.error().message);
  const Error busy{"busy", "more transactions wait for their check than the node can put off"};
  Tally tally;
  for (std::size_t start = 0; start < items->size(); start += kPieceMax) {
    const auto piece =
        std::span(*items).subspan(start).first(std::min(kPieceMax, items->size() - start));
    const std::function<void()> work = [&] {
      std::vector<Bytes> raws;
      raws.reserve(piece.size());
      for (const ByteView item : piece) raws.emplace_back(item.begin(), item.end());
      for (const auto& result : core.services.hot->engine().submit_all(std::move(raws))) {
        tally.add(result);
      }
    };
    if (co_await core.submissions->run(piece.size(), work)) continue;
    for (std::size_t i = 0; i < piece.size(); ++i) tally.add(busy);
  }
  if (tally.busy > 0 && tally.busy == tally.count) {
    co_return refusal(503, busy.kind, busy.message);
  }
  co_return HttpReply{200, "application/json",
                      R"({"accepted":)" + std::to_string(tally.accepted) + R"(,"refused":[)" +
                          tally.refused + "]}"};
}

}  // namespace bourse::rpc
