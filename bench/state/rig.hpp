// SPDX-License-Identifier: Apache-2.0
//
// A chain in this process, driven block by block: market, engine and store as a node has them,
// without the RPC.
#pragma once

#include <filesystem>
#include <memory>

#include "bench/clock.hpp"
#include "bench/senders.hpp"
#include "chain/solo.hpp"
#include "market/market.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::bench {

class Rig {
 public:
  /// Opens the chain of `genesis` in a store and an anchor. `decorate` may stand a machine of its
  /// own in front of the market.
  using Decorate = std::function<std::unique_ptr<chain::StateMachine>(market::Market&)>;
  Rig(const std::filesystem::path& store, const std::filesystem::path& anchor,
      market::Genesis genesis, const Decorate& decorate = {});
  explicit Rig(const std::filesystem::path& directory, market::Genesis genesis,
               const Decorate& decorate = {})
      : Rig(directory / "store", directory / "anchor", std::move(genesis), decorate) {}

  /// Brings the chain to where its store ends.
  using Trust = chain::SoloEngine::Trust;
  void recover(Trust trust = Trust::own_record);
  /// Submits the transactions on all cores, then makes blocks until none waits. Of one sender, one
  /// may be among them.
  void commit(std::span<const Bytes> transactions);
  /// As commit, so many at a time.
  void commit_all(std::span<const Bytes> transactions, std::size_t at_a_time);

  const Hash& chain_id() const { return chain_id_; }

 private:
  Hash chain_id_;
  std::unique_ptr<chain::Store> store_;
  std::unique_ptr<market::Market> market_;
  std::unique_ptr<chain::StateMachine> decorated_;
  std::unique_ptr<chain::SoloEngine> engine_;
};

}  // namespace bourse::bench
