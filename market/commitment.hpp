// SPDX-License-Identifier: Apache-2.0
//
// Follows the states with the state tree, on a thread of its own: the root of a block is computed
// while the block becomes durable and the next one executes. The tree is kept together with the
// state that it stands for, so that proofs agree with a header; a state of which nobody knows yet
// whether it is committed is proved to nobody.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "chain/state_tree.hpp"
#include "market/state.hpp"

namespace bourse::market {

/// A record, or that there is none, and the proof of it.
struct ProvedRecord {
  Height height;
  std::string table;
  Bytes key;
  Hash state_key;
  std::optional<Bytes> record;
  StateProof proof;

  static constexpr auto fields() {
    return std::tuple{
        field("height", &ProvedRecord::height,
              "The state after this block; the header of the next height has its root."),
        field("table", &ProvedRecord::table, "Name of its table."),
        field("key", &ProvedRecord::key, "The record's own key: an id or an account's 32 bytes."),
        field("state_key", &ProvedRecord::state_key, "Where the tree has the record."),
        field("record", &ProvedRecord::record, "Its canonical bytes; null when there is none."),
        field("proof", &ProvedRecord::proof, "The way from the root to it.")};
  }
};

class Commitment {
 public:
  Commitment();
  ~Commitment();
  Commitment(const Commitment&) = delete;
  Commitment& operator=(const Commitment&) = delete;

  /// Starts anew with a whole state, which is committed.
  void rebuild(std::shared_ptr<const State> state);
  /// Goes on to the state that a block has made. The block is then committed, or given up: by a
  /// rebuild.
  void follow(std::shared_ptr<const State> state, Changes changes);
  /// What it was given last is committed.
  void confirm();

  /// The root of the state at that height, one of the last two that it was given; waits for it.
  Hash root(Height height) const;

  /// The record under `key` in the newest committed state of which the root is known, or in the one
  /// before when that is not yet so; waits while there is neither. Error kinds: table_unknown,
  /// key_invalid.
  Result<ProvedRecord> prove(std::string_view table, ByteView key) const;

 private:
  struct Step {
    std::shared_ptr<const State> state;
    std::optional<Changes> changes;  // nothing when all is new
  };

  void add(Step step);
  void run();
  void take(Step& step);
  std::optional<Hash> find_root(Height height) const;

  chain::WorkerPool pool_;

  mutable std::shared_mutex proved_mutex_;  // guards what belongs together:
  chain::StateTree tree_;
  std::shared_ptr<const State> state_;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  std::deque<Step> steps_;                     // the first one is being taken
  std::deque<std::pair<Height, Hash>> roots_;  // of the last two states that were taken
  Height given_;                               // of the last step
  Height confirmed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bourse::market
