// SPDX-License-Identifier: Apache-2.0
//
// Demand: a batch of tasks of one kind, and the money that pays for them in the worst case.
#pragma once

#include <string>
#include <vector>

#include "market/resources.hpp"

namespace bourse::market {

inline constexpr std::uint32_t kTasksMax = 10'000;
inline constexpr std::uint32_t kReplicasMax = 15;

/// What a requester states when it submits a job.
struct JobTerms {
  Hash spec;
  Hash runtime;
  Arch arch{};
  std::string gpu_model;
  Bundle bundle;
  std::uint32_t tasks = 1;
  std::uint32_t replicas_max = 1;
  std::uint32_t margin = 1;
  std::uint32_t run_seconds = 0;
  DurationMs review;
  DurationMs match_within;
  Amount price_max;
  std::uint64_t done_min = 0;
  std::vector<std::string> regions;
  std::vector<ProviderId> allowed;
  std::vector<ProviderId> excluded;

  static constexpr auto fields() {
    return std::tuple{
        field("spec", &JobTerms::spec, "SHA-256 of the spec blob: command, environment, inputs."),
        field("runtime", &JobTerms::runtime, "Digest of the root file system to run in."),
        field("arch", &JobTerms::arch, "Processor architecture."),
        field("gpu_model", &JobTerms::gpu_model, "GPU model; empty when no GPU is needed."),
        field("bundle", &JobTerms::bundle, "Resources of one task."),
        field("tasks", &JobTerms::tasks, "How many tasks, numbered from 0."),
        field("replicas_max", &JobTerms::replicas_max, "Most results drawn for one task."),
        field("margin", &JobTerms::margin, "Lead in agreeing results that a result needs."),
        field("run_seconds", &JobTerms::run_seconds, "Time that is paid for; the kill limit."),
        field("review", &JobTerms::review, "With margin 1: ms to dispute before silence accepts."),
        field("match_within", &JobTerms::match_within, "For how many ms providers are drawn."),
        field("price_max", &JobTerms::price_max, "Most grains for one replica."),
        field("done_min", &JobTerms::done_min, "Accepted replicas a provider must have behind it."),
        field("regions", &JobTerms::regions, "Regions to run in; empty for any."),
        field("allowed", &JobTerms::allowed, "Providers to draw from; empty for any."),
        field("excluded", &JobTerms::excluded, "Providers never to draw.")};
  }
};

enum class JobState : std::uint8_t { open, closed };
constexpr auto enum_names(JobState) { return std::array<std::string_view, 2>{"open", "closed"}; }

struct Job {
  JobId id;
  Address owner;
  JobTerms terms;
  JobState state{};
  Amount escrow;
  Height arrival;
  TimeMs submitted;
  std::uint32_t tasks_open = 0;
  std::uint32_t tasks_accepted = 0;

  static constexpr std::string_view table = "job";
  const JobId& key() const { return id; }
  Amount held() const { return escrow; }

  static constexpr auto fields() {
    return std::tuple{
        field("id", &Job::id, "Id of the job."),
        field("owner", &Job::owner, "Who pays, and whom what is left goes back to."),
        field("terms", &Job::terms, "What was asked for."),
        field("state", &Job::state, "Whether any task is still open."),
        field("escrow", &Job::escrow, "Grains held for replicas that are not drawn."),
        field("arrival", &Job::arrival, "Height of the block that carried it."),
        field("submitted", &Job::submitted, "Running clock when it was submitted."),
        field("tasks_open", &Job::tasks_open, "Tasks that have not ended."),
        field("tasks_accepted", &Job::tasks_accepted, "Tasks that ended with an accepted result.")};
  }
};

}  // namespace bourse::market
