// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// The agent gives an assignment back because it cannot do it. It costs no bond, but counts in its
/// record.
struct AssignmentFail {
  AssignmentId assignment;
  FailReason reason;

  static constexpr std::uint16_t type = 43;
  static constexpr std::string_view name = "assignment_fail";
  static constexpr std::string_view doc =
      "The agent gives an assignment back because it cannot do it. It costs no bond, but counts in "
      "its record.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() {
    return std::tuple{field("assignment", &AssignmentFail::assignment, "The assignment."),
                      field("reason", &AssignmentFail::reason, "Why.")};
  }
};

TxResult<> check(const AssignmentFail& tx);
TxResult<> apply(const AssignmentFail& tx, TxContext& context);

}  // namespace bourse::market
