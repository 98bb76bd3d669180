// SPDX-License-Identifier: Apache-2.0
//
// Where signatures are checked, each once in the node's life: what comes out is a VerifiedTx, and
// everything after it takes nothing else. The interface takes spans, so that all cores share one
// and so that a batch check can take the place of the single one.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/crypto.hpp"
#include "base/id_hash.hpp"
#include "chain/tx.hpp"
#include "chain/worker_pool.hpp"

namespace bourse::chain {

/// The points of recent senders' keys. Thread-safe.
class KeyCache {
 public:
  /// The senders' keys, in the order of the transactions; nothing where the address is no point of
  /// the curve. They are fetched together: one lock, and their cache misses overlap.
  std::vector<std::optional<SchnorrKey>> get(std::span<const ParsedTx> txs);

 private:
  /// About 100 bytes each: 26 MB in all.
  static constexpr std::size_t kKeysMax = std::size_t{1} << 18;
  std::mutex mutex_;
  boost::unordered_flat_map<Address, SchnorrKey, IdHash> keys_;
};

class Verifier {
 public:
  explicit Verifier(WorkerPool& pool) : pool_(pool) {}

  /// One answer per transaction, in their order: nothing where the signature is not the sender's.
  /// About 32 µs of a core each.
  std::vector<std::optional<VerifiedTx>> verify(std::vector<ParsedTx> txs);

 private:
  WorkerPool& pool_;
  KeyCache keys_;
};

}  // namespace bourse::chain
