// SPDX-License-Identifier: Apache-2.0
//
// What the methods of a node work on.
#pragma once

#include <functional>
#include <vector>

#include "base/json_fields.hpp"
#include "chain/engine.hpp"
#include "chain/store.hpp"
#include "market/market.hpp"
#include "rpc/blob_store.hpp"

namespace bourse::rpc {

struct Backend {
  chain::Engine& engine;
  const chain::Store& store;
  const market::Market& market;
  BlobStore& blobs;
  Hash chain_id;
  JsonStyle style;
  /// Signs storage receipts.
  SecretKey consensus_seed;
  /// How long an upload is kept.
  DurationMs blob_retention;
  /// What an account may keep per BRS that it holds, in bytes.
  std::uint64_t blob_bytes_per_brs = 0;
  std::function<TimeMs()> now;
  /// The funded accounts of a dev chain. Empty anywhere else, and then there are no dev_ methods.
  std::vector<SecretKey> dev_keys;
};

}  // namespace bourse::rpc
