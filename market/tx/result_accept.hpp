// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// The owner of a job accepts the result under review before the window ends.
struct ResultAccept {
  JobId job;
  std::uint32_t task = 0;

  static constexpr std::uint16_t type = 50;
  static constexpr std::string_view name = "result_accept";
  static constexpr std::string_view doc =
      "The owner of a job accepts the result under review before the window ends.";
  std::uint64_t weight() const { return 30; }

  static constexpr auto fields() {
    return std::tuple{field("job", &ResultAccept::job, "The job."),
                      field("task", &ResultAccept::task, "Index of the task.")};
  }
};

TxResult<> check(const ResultAccept& tx);
TxResult<> apply(const ResultAccept& tx, TxContext& context);

}  // namespace bourse::market
