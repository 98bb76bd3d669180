// SPDX-License-Identifier: Apache-2.0
//
// The whole state of the market: one table per kind of record. Copying a State takes a snapshot.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "chain/table.hpp"
#include "market/record/account.hpp"
#include "market/record/assignment.hpp"
#include "market/record/globals.hpp"
#include "market/record/job.hpp"
#include "market/record/offer.hpp"
#include "market/record/provider.hpp"
#include "market/record/task.hpp"

namespace bourse::market {

/// Every kind of record, in the order in which checkpoints hold them.
template <template <class> class Each>
using PerRecord = std::tuple<Each<Globals>, Each<Account>, Each<Provider>, Each<Offer>, Each<Job>,
                             Each<Task>, Each<Assignment>>;

struct State {
  PerRecord<chain::Table> tables;
  Height height;
  TimeMs time;

  template <class Record>
  const chain::Table<Record>& table() const {
    return std::get<chain::Table<Record>>(tables);
  }
  template <class Record>
  chain::Table<Record>& table() {
    return std::get<chain::Table<Record>>(tables);
  }
  /// The record of that key, or nullptr.
  template <class Record>
  const Record* get(const typename chain::Table<Record>::Key& key) const {
    return table<Record>().get(key);
  }
  /// A copy that may be written in another thread than the state.
  State branch() const {
    const auto branch_each = [](const auto&... each) {
      return PerRecord<chain::Table>{each.branch()...};
    };
    return {std::apply(branch_each, tables), height, time};
  }
  const Globals& globals() const { return table<Globals>().at(0); }
  /// Time as deadlines see it: block time less the chain's own outages. It never runs back.
  TimeMs clock() const { return std::max(globals().clock_floor, time - globals().outage); }
};

/// Handles of the records of one kind that a block has changed or made, each once.
template <class Record>
struct Changed {
  std::vector<std::uint32_t> handles;
};
using Changes = PerRecord<Changed>;

/// What a record holds in grains; the sum over all records is the supply.
template <class Record>
Amount held(const Record& record) {
  if constexpr (requires { record.held(); }) {
    return record.held();
  } else {
    return {};
  }
}

}  // namespace bourse::market
