// SPDX-License-Identifier: Apache-2.0
//
// The state on disk: one row per record, under its table's number and its handle, so that a
// checkpoint writes what has changed and a start reads the records in the order of their making.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "chain/rows.hpp"
#include "market/state.hpp"

namespace bourse::market {

/// Which records have changed since the last checkpoint: one bit each.
class UnsavedRecords {
 public:
  void add(const Changes& changes);
  void add_all(const State& state);

  /// The rows of the marked records as they are in `state`, which is the last committed one.
  chain::Rows rows(std::shared_ptr<const State> state) &&;

 private:
  template <class Record>
  struct Marks {
    std::vector<std::uint64_t> words;

    void set(std::uint32_t handle) {
      if (handle / 64 >= words.size()) words.resize(handle / 64 + 1);
      words[handle / 64] |= std::uint64_t{1} << handle % 64;
    }
  };
  PerRecord<Marks> marks_;
};

/// The state of all checkpoints' rows, audited. Error kinds: checkpoint_corrupt, those of `rows`.
Result<State> restore_state(const chain::Rows& rows);

}  // namespace bourse::market
