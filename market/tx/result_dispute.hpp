// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// The owner of a job doubts the result under review and asks for a second opinion.
/// It backs the doubt with the price of one replica.
struct ResultDispute {
  JobId job;
  std::uint32_t task = 0;

  static constexpr std::uint16_t type = 51;
  static constexpr std::string_view name = "result_dispute";
  static constexpr std::string_view doc =
      "The owner of a job doubts the result under review and asks for a second opinion.";
  std::uint64_t weight() const { return 60; }

  static constexpr auto fields() {
    return std::tuple{field("job", &ResultDispute::job, "The job."),
                      field("task", &ResultDispute::task, "Index of the task.")};
  }
};

TxResult<> check(const ResultDispute& tx);
TxResult<> apply(const ResultDispute& tx, TxContext& context);

}  // namespace bourse::market
