// SPDX-License-Identifier: Apache-2.0
//
// The state on disk: rows of a few records each, under the number of their table and their own, so
// that a checkpoint writes what has changed and a start reads the records in the order of their
// making.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "chain/rows.hpp"
#include "market/state.hpp"

namespace bourse::market {

/// A row more costs a start as much as a few records more in it; a record that has changed alone
/// takes the others of its row along.
inline constexpr std::uint32_t kRowRecords = 8;

/// The rows with records that have changed since the last checkpoint: one bit each.
class UnsavedRecords {
 public:
  void add(const Changes& changes);
  void add_all(const State& state);

  /// The marked rows as they are in `state`, which is the last committed one.
  chain::Rows rows(std::shared_ptr<const State> state) &&;

 private:
  template <class Record>
  struct Marks {
    std::vector<std::uint64_t> words;

    void set(std::uint32_t handle) {
      const std::uint32_t row = handle / kRowRecords;
      if (row / 64 >= words.size()) words.resize(row / 64 + 1);
      words[row / 64] |= std::uint64_t{1} << row % 64;
    }
  };
  PerRecord<Marks> marks_;
};

/// The state of all checkpoints' rows: every record canonical, none missing or twice. Whether it
/// keeps the laws is not asked here. Error kinds: checkpoint_corrupt, those of `rows`.
Result<State> restore_state(const chain::Rows& rows);

}  // namespace bourse::market
