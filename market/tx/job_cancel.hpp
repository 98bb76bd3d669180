// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Cancels every task of a job that has no committed result.
/// Waiting tasks are refunded whole; running ones pay for the time they ran.
struct JobCancel {
  JobId job;

  static constexpr std::uint16_t type = 31;
  static constexpr std::string_view name = "job_cancel";
  static constexpr std::string_view doc =
      "Cancels every task of a job that has no committed result.";
  std::uint64_t weight() const { return 10; }

  static constexpr auto fields() { return std::tuple{field("job", &JobCancel::job, "The job.")}; }
};

TxResult<> check(const JobCancel& tx);
TxResult<> apply(const JobCancel& tx, TxContext& context);

}  // namespace bourse::market
