// SPDX-License-Identifier: Apache-2.0
//
// Follows the committed states with the state tree, on a thread of its own: the root of a block is
// computed while the next one executes. The tree only ever sees what was committed, and is kept
// together with the state and the height that it stands for, so that proofs agree with a header.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
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

  /// Starts anew with a whole state.
  void rebuild(std::shared_ptr<const State> state);
  /// Hashes what a block has changed, in the time in which it becomes durable. Whoever gives the
  /// block up throws the leaves away.
  using Leaves = std::vector<StateLeaf>;
  std::future<Leaves> hash_ahead(std::shared_ptr<const State> state, Changes changes);
  /// Goes on to the state that a block has made.
  void follow(std::shared_ptr<const State> state, std::future<Leaves> changed);

  /// The root of the last state that it was given; waits for it.
  Hash root() const;

  /// The record under `key` in the newest state of which the root is known, at most a block behind
  /// the committed one. Error kinds: table_unknown, key_invalid.
  Result<ProvedRecord> prove(std::string_view table, ByteView key) const;

 private:
  struct Step {
    std::shared_ptr<const State> state;
    std::future<Leaves> leaves;
    bool is_new = false;  // they are all that there is
  };

  void add(Step step);
  void run();
  void take(Step& step);

  chain::WorkerPool pool_;

  mutable std::shared_mutex proved_mutex_;  // guards what belongs together:
  chain::StateTree tree_;
  std::shared_ptr<const State> state_;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  std::deque<Step> steps_;    // the first one is being taken
  std::optional<Hash> root_;  // after the last step that was taken
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bourse::market
