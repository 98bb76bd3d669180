// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// The agent takes on an assignment: the run starts, and so does its time limit.
struct AssignmentAccept {
  AssignmentId assignment;

  static constexpr std::uint16_t type = 40;
  static constexpr std::string_view name = "assignment_accept";
  static constexpr std::string_view doc =
      "The agent takes on an assignment: the run starts, and so does its time limit.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() {
    return std::tuple{field("assignment", &AssignmentAccept::assignment, "The assignment.")};
  }
};

TxResult<> check(const AssignmentAccept& tx);
TxResult<> apply(const AssignmentAccept& tx, TxContext& context);

}  // namespace bourse::market
