// SPDX-License-Identifier: Apache-2.0
//
// What the whole market has once: its parameters, its clock and its running totals.
#pragma once

#include <vector>

#include "base/ids.hpp"
#include "market/params.hpp"

namespace bourse::market {

using GlobalsKey = FixedBytes<8, struct GlobalsTag>;

/// One who signs blocks and storage receipts, and the account that its fees go to.
struct Validator {
  ConsensusKey key;
  Address account;

  static constexpr auto fields() {
    return std::tuple{field("key", &Validator::key, "ed25519 key that signs blocks and receipts."),
                      field("account", &Validator::account, "Account that earns the fees.")};
  }
};

struct Globals {
  Params params;
  std::vector<Validator> validators;
  Amount supply;
  Amount burned;
  DurationMs outage;
  TimeMs clock_floor;
  bool match_pending = false;
  Height cursor_arrival;
  std::uint64_t cursor_order = 0;
  TaskId cursor_task;
  Hash receipts_root;

  static constexpr std::string_view table = "globals";
  static const GlobalsKey& key() {
    static constexpr GlobalsKey only{};
    return only;
  }
  Amount held() const { return burned; }

  static constexpr auto fields() {
    return std::tuple{
        field("params", &Globals::params, "The chain parameters."),
        field("validators", &Globals::validators, "Who makes blocks."),
        field("supply", &Globals::supply, "Grains of the genesis, burned ones included."),
        field("burned", &Globals::burned, "Grains that nobody can have again."),
        field("outage", &Globals::outage, "How long the running clock has stood still, in ms."),
        field("clock_floor", &Globals::clock_floor, "Where it stood before the last outage."),
        field("match_pending", &Globals::match_pending, "Whether the queue must be looked at."),
        field("cursor_arrival", &Globals::cursor_arrival, "Where the last pass ran out of budget:"),
        field("cursor_order", &Globals::cursor_order, "height, place"),
        field("cursor_task", &Globals::cursor_task, "and id of the task to go on with."),
        field("receipts_root", &Globals::receipts_root,
              "Receipts root of the last block that had any.")};
  }
};

}  // namespace bourse::market
