// SPDX-License-Identifier: Apache-2.0
//
// Counting what the node has committed: the clock stops when it has made the last accepted
// transaction durable, and a sample of receipts says that they did what they were meant to.
#include <algorithm>
#include <thread>

#include "base/bech32m.hpp"
#include "base/crypto.hpp"
#include "bench/load/http.hpp"
#include "bench/load/modes.hpp"
#include "bench/load/submission.hpp"
#include "bench/senders.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

constexpr std::chrono::seconds kDrainMax{60};
constexpr std::size_t kSampled = 200;

/// Transactions in blocks since genesis, by the node's own count.
Result<std::uint64_t> committed(Caller& node) {
  TRY_ASSIGN(const Json head, node.call("chain_getHead", Json::object()));
  return std::stoull(head.value("transactions", "0"));
}

/// Waits until the node has committed `count` transactions since genesis.
Result<void> drain(std::uint16_t port, std::uint64_t count) {
  // A new connection: the node has closed one that was silent during the load.
  TRY_ASSIGN(Caller node, Caller::dial(port));
  for (const auto deadline = Clock::now() + kDrainMax; Clock::now() < deadline;) {
    TRY_ASSIGN(const std::uint64_t now, committed(node));
    if (now >= count) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return Error{"not_committed", "the node has accepted transactions that it does not commit"};
}

Result<void> check_receipts(Caller& node, const std::vector<Bytes>& stream, std::size_t sent) {
  for (std::size_t i = 0; i < sent; i += sent / kSampled + 1) {
    const std::string id = "0x" + to_hex(sha256(stream[i]).bytes);
    TRY_ASSIGN(const Json found, node.call("tx_get", {{"id", id}}));
    if (!found.value("in_block", false)) return Error{"tx_not_found", id + " is in no block"};
    const std::string error = found["receipt"].value("error", "");
    if (error != "ok") return Error{error, "transaction " + std::to_string(i) + " failed"};
  }
  return {};
}

}  // namespace

Result<Json> submit(const LoadOptions& options) {
  TRY_ASSIGN(const auto stream, read_stream(options.stream));
  const Wire wire = options.mode == "batch"    ? Wire::batch
                    : options.mode == "single" ? Wire::single
                                               : Wire::bulk;
  Submission load(stream, wire, options.per_request);
  TRY_ASSIGN(Caller node, Caller::dial(options.pump.port));
  TRY_ASSIGN(const std::uint64_t before, committed(node));

  load.limit(options.warmup);
  TRY(pump(options.pump, load, Clock::time_point::max()));
  TRY(drain(options.pump.port, before + load.accepted()));
  const std::size_t warm = load.accepted();
  const double cpu = cpu_seconds();
  const auto start = Clock::now();
  load.limit(stream.size());
  TRY(pump(options.pump, load, seconds_from(start, options.seconds)));
  // What was refused for now is sent again, so that all that was sent is accepted.
  load.limit(0);
  TRY(pump(options.pump, load, Clock::time_point::max()));
  TRY(drain(options.pump.port, before + load.accepted()));
  const double seconds = seconds_since(start);
  if (load.is_exhausted()) {
    return Error{"stream_too_short", "all transactions were sent before the time was over"};
  }
  const double client = cpu_seconds() - cpu;
  TRY_ASSIGN(node, Caller::dial(options.pump.port));
  TRY_ASSIGN(const std::uint64_t after, committed(node));
  TRY(check_receipts(node, stream, load.accepted()));
  const std::uint64_t done = after - before - warm;
  return Json{{"mode", options.mode},
              {"seconds", seconds},
              {"accepted", load.accepted() - warm},
              {"warm", warm},
              {"committed", done},
              {"retried", load.retried()},
              {"rate", static_cast<double>(done) / seconds},
              {"client_cpu", client}};
}

}  // namespace bourse::bench
