// SPDX-License-Identifier: Apache-2.0
//
// Staying with a job until it ends: what `bourse job run --wait` does after it has sent the job.
// Each result is fetched and checked; then it is accepted, or disputed when it is not what was
// promised. Everything is decided from the chain's state, so it may be begun anew at any time.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <set>

#include "rpc/views.hpp"
#include "wallet/job_result.hpp"
#include "wallet/wallet_file.hpp"

namespace bourse::wallet {

struct TaskEnd {
  std::uint32_t task = 0;
  market::TaskState state{};
  Hash digest;
  std::optional<market::Ended> ended;
  std::optional<std::int32_t> exit_code;

  bool is_success() const {
    return state == market::TaskState::accepted && ended == market::Ended::exited && exit_code == 0;
  }

  static constexpr auto fields() {
    return std::tuple{field("task", &TaskEnd::task, "Index of the task."),
                      field("state", &TaskEnd::state, "How it ended."),
                      field("digest", &TaskEnd::digest, "Digest of the accepted result."),
                      field("ended", &TaskEnd::ended, "How its program ended."),
                      field("exit_code", &TaskEnd::exit_code, "The program's exit code.")};
  }
};

struct Payment {
  std::uint32_t task = 0;
  ProviderId provider;
  Address account;
  Amount amount;

  static constexpr auto fields() {
    return std::tuple{field("task", &Payment::task, "Index of the task."),
                      field("provider", &Payment::provider, "Who worked."),
                      field("account", &Payment::account, "Who was paid."),
                      field("amount", &Payment::amount, "Grains.")};
  }
};

struct JobReport {
  JobId job;
  std::vector<TaskEnd> tasks;
  std::vector<Payment> paid;
  Amount refund;

  static constexpr auto fields() {
    return std::tuple{field("job", &JobReport::job, "The job."),
                      field("tasks", &JobReport::tasks, "How each task ended."),
                      field("paid", &JobReport::paid, "Who was paid what."),
                      field("refund", &JobReport::refund, "Grains that came back at the end.")};
  }
};

class JobFollower {
 public:
  struct Callbacks {
    std::function<void(const rpc::EventView&)> event;
    /// Once in a while, also when nothing happens.
    std::function<void()> tick;
    /// Something that the follower did or could not do.
    std::function<void(const std::string&)> note;
  };

  /// Outputs go below `out`, which prepare_output_dir() has made.
  JobFollower(NodeLink& link, const Signer& signer, const JobId& job, std::filesystem::path out,
              Callbacks callbacks);

  /// Until the job is closed. Ctrl-C ends it too, and leaves the job running. Error kinds: timeout,
  /// interrupted, wrong_account when the job is somebody else's, output_failed, and
  /// node_unreachable when the node stays away for a minute.
  Result<JobReport> run(std::optional<std::chrono::seconds> timeout);

 private:
  Result<void> check_owner();
  Result<std::size_t> poll();
  void take(const rpc::EventView& view);
  Result<void> settle_due();
  /// Whether there is nothing more to do for the task until its next event.
  Result<bool> settle(std::uint32_t index);
  Result<bool> decide(const TaskView& view, const Result<market::ResultBundle>& bundle);
  Result<bool> keep(const TaskView& view, const Result<market::ResultBundle>& bundle);
  JobReport report() const;

  NodeLink& link_;
  const Signer signer_;
  const JobId job_;
  const std::filesystem::path out_;
  const Callbacks callbacks_;
  std::optional<Height> next_height_;
  bool closed_ = false;
  std::set<std::uint32_t> due_;
  std::map<std::uint32_t, std::uint32_t> failures_;
  std::map<std::uint32_t, TaskEnd> ends_;
  std::vector<Payment> paid_;
  Amount refund_;
};

}  // namespace bourse::wallet
