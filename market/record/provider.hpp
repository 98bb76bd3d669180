// SPDX-License-Identifier: Apache-2.0
//
// A provider separates three powers: the owner decides and posts the bond, the agent's hot key only
// works on assignments, and earnings go to the payout account.
#pragma once

#include <string>
#include <vector>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::market {

struct Provider {
  ProviderId id;
  Address owner;
  Address agent_key;
  Address payout;
  std::string region;
  Amount bond_free;
  Amount unbonding;
  TimeMs timer;
  bool retired = false;
  std::uint32_t offers_open = 0;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t late = 0;
  std::uint64_t lied = 0;
  std::vector<AssignmentId> assignments;

  static constexpr std::string_view table = "provider";
  const ProviderId& key() const { return id; }
  Amount held() const { return bond_free + unbonding; }
  friend bool operator==(const Provider&, const Provider&) = default;

  static constexpr auto fields() {
    return std::tuple{
        field("id", &Provider::id, "Id of the provider."),
        field("owner", &Provider::owner, "Account that registered it and posts its bond."),
        field("agent_key", &Provider::agent_key, "Key that may work on assignments, and no more."),
        field("payout", &Provider::payout, "Account that earnings go to."),
        field("region", &Provider::region, "Where it is, as the provider says; may be empty."),
        field("bond_free", &Provider::bond_free, "Bond that backs no assignment, in grains."),
        field("unbonding", &Provider::unbonding, "Bond on its way back to the owner, in grains."),
        field("timer", &Provider::timer, "When `unbonding` is paid out; 0 when there is none."),
        field("retired", &Provider::retired, "Whether it has left for good."),
        field("offers_open", &Provider::offers_open, "Open offers and bids."),
        field("done", &Provider::done, "Replicas that were accepted."),
        field("failed", &Provider::failed, "Assignments that it gave back."),
        field("late", &Provider::late, "Assignments that it let time out before a commitment."),
        field("lied", &Provider::lied, "Results that were outvoted or never revealed."),
        field("assignments", &Provider::assignments, "Live assignments, oldest first.")};
  }
};

}  // namespace bourse::market
