// SPDX-License-Identifier: Apache-2.0
//
// The kinds of load. Each returns what it found as a JSON object.
#pragma once

#include <string>

#include "base/json.hpp"
#include "bench/load/pump.hpp"

namespace bourse::bench {

struct LoadOptions {
  std::string mode;
  std::string stream;
  PumpOptions pump;
  std::size_t senders = 100'000;
  std::size_t per_request = 50;
  std::size_t warmup = 100'000;
  double seconds = 5;
};

Result<Json> run(const LoadOptions& options);

/// Transactions: batch, single and bulk.
Result<Json> submit(const LoadOptions& options);
/// One transaction at a time, from its submission until its receipt can be read.
Result<Json> latency(const LoadOptions& options);
/// account_get of one account after another; as `echo`, the same requests to a server that sends
/// them back.
Result<Json> reads(const LoadOptions& options);

}  // namespace bourse::bench
