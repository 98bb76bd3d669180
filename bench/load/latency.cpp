// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <thread>

#include "base/crypto.hpp"
#include "bench/load/http.hpp"
#include "bench/load/modes.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

/// So that the node is idle again before the next one comes.
constexpr std::chrono::milliseconds kRest{2};

}  // namespace

Result<Json> latency(const LoadOptions& options) {
  TRY_ASSIGN(const auto stream, read_stream(options.stream));
  TRY_ASSIGN(Caller node, Caller::dial(options.pump.port));
  std::vector<double> times;
  const auto end = seconds_from(Clock::now(), options.seconds);
  for (const Bytes& raw : stream) {
    if (Clock::now() >= end) break;
    const Json id{{"id", "0x" + to_hex(sha256(raw).bytes)}};
    const Json tx{{"tx", "0x" + to_hex(raw)}};
    const auto start = Clock::now();
    TRY(node.call("tx_submit", tx));
    for (;;) {
      TRY_ASSIGN(const Json found, node.call("tx_get", id));
      if (found.value("in_block", false)) break;
    }
    times.push_back(seconds_since(start) * 1000);
    std::this_thread::sleep_for(kRest);
  }
  if (times.empty()) return Error{"stream_too_short", "there was no transaction to send"};
  std::sort(times.begin(), times.end());
  return Json{{"mode", options.mode},
              {"samples", times.size()},
              {"p50", times[times.size() / 2]},
              {"p99", times[times.size() * 99 / 100]}};
}

}  // namespace bourse::bench
