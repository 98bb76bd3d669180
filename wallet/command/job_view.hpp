// SPDX-License-Identifier: Apache-2.0
//
// The verbs of `bourse job` that look at a job, or fetch what came of it.
#pragma once

#include "wallet/session.hpp"

namespace bourse::wallet {

struct ViewArguments {
  std::string job;
  std::optional<std::uint32_t> task;
  std::string state;
  std::string cursor;
  std::uint32_t limit = 50;
  std::string out;
};

Result<Outcome> job_status(Session& session, const ViewArguments& arguments);
Result<Outcome> list_jobs(Session& session, const ViewArguments& arguments);
/// Error kind: result_not_found when no task has a result.
Result<Outcome> job_result(Session& session, const ViewArguments& arguments);
Result<Outcome> job_logs(Session& session, const ViewArguments& arguments);

}  // namespace bourse::wallet
