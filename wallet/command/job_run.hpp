// SPDX-License-Identifier: Apache-2.0
//
// `bourse job run` and `bourse job wait`: from a job file to its outputs on this disk.
#pragma once

#include "wallet/session.hpp"

namespace bourse::wallet {

struct RunArguments {
  std::string file;
  bool wait = false;
  std::string out;
  std::uint32_t timeout_seconds = 0;
};

/// Makes the directory for a job's outputs: `given`, or one named after the job.
Result<std::filesystem::path> output_dir(const std::string& given, const JobId& job);

/// Submits the job in `file`, and with `wait` stays with it.
Result<Outcome> run_job(Session& session, const RunArguments& arguments);

/// Stays with a job that was submitted before.
Result<Outcome> wait_for_job(Session& session, const std::string& job,
                             const RunArguments& arguments);

}  // namespace bourse::wallet
