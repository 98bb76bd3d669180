// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// The agent commits to a result without showing it, so that no other replica can copy it.
struct AssignmentCommit {
  AssignmentId assignment;
  Hash commitment;

  static constexpr std::uint16_t type = 41;
  static constexpr std::string_view name = "assignment_commit";
  static constexpr std::string_view doc =
      "The agent commits to a result without showing it, so that no other replica can copy it.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() {
    return std::tuple{field("assignment", &AssignmentCommit::assignment, "The assignment."),
                      field("commitment", &AssignmentCommit::commitment,
                            "Tagged hash bourse/commit of (assignment, provider, digest, salt).")};
  }
};

TxResult<> check(const AssignmentCommit& tx);
TxResult<> apply(const AssignmentCommit& tx, TxContext& context);

}  // namespace bourse::market
