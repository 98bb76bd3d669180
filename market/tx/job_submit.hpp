// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// Submits a job and locks what it can cost at worst.
struct JobSubmit {
  JobTerms terms;

  static constexpr std::uint16_t type = 30;
  static constexpr std::string_view name = "job_submit";
  static constexpr std::string_view doc = "Submits a job and locks what it can cost at worst.";
  std::uint64_t weight() const { return 20 + 10ULL * terms.tasks * terms.replicas_max; }

  static constexpr auto fields() {
    return std::tuple{field("terms", &JobSubmit::terms, "What is asked for.")};
  }
};

TxResult<> check(const JobSubmit& tx);
TxResult<> apply(const JobSubmit& tx, TxContext& context);

}  // namespace bourse::market
