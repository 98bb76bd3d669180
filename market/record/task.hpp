// SPDX-License-Identifier: Apache-2.0
//
// One task of a job: what its replicas agree on. SPEC 5.4.
#pragma once

#include <array>
#include <string_view>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::market {

/// queued: waits for providers; running: a round of replicas works; revealing: all of the round
/// have committed; review: one result leads and its owner may dispute it; the rest are ends.
enum class TaskState : std::uint8_t {
  queued,
  running,
  revealing,
  review,
  accepted,
  inconclusive,
  unserved,
  cancelled
};
constexpr auto enum_names(TaskState) {
  return std::array<std::string_view, 8>{"queued",   "running",      "revealing", "review",
                                         "accepted", "inconclusive", "unserved",  "cancelled"};
}
constexpr bool has_ended(TaskState state) { return state >= TaskState::accepted; }

struct Task {
  TaskId id;
  JobId job;
  std::uint32_t index = 0;
  TaskState state{};
  std::uint32_t wanted = 0;
  std::uint32_t live = 0;
  std::uint32_t attempts = 0;
  Height arrival;
  std::uint64_t order = 0;
  bool disputed = false;
  Amount dispute_bond;
  Hash digest;
  TimeMs draws_end;
  TimeMs timer;

  static constexpr std::string_view table = "task";
  const TaskId& key() const { return id; }
  Amount held() const { return dispute_bond; }

  static constexpr auto fields() {
    return std::tuple{
        field("id", &Task::id, "Id of the task: from its job's id and its index."),
        field("job", &Task::job, "The job it belongs to."),
        field("index", &Task::index, "Its number within the job, from 0."),
        field("state", &Task::state, "How far it is, or how it ended."),
        field("wanted", &Task::wanted, "Replicas that the next round needs."),
        field("live", &Task::live, "Replicas of the current round that have not ended."),
        field("attempts", &Task::attempts, "Assignments drawn so far."),
        field("arrival", &Task::arrival, "Height of the block that carried the job."),
        field("order", &Task::order,
              "Its place among the tasks of one block; 0 before it has one."),
        field("disputed", &Task::disputed, "Whether its owner disputed a result."),
        field("dispute_bond", &Task::dispute_bond, "Grains that back the dispute."),
        field("digest", &Task::digest, "The leading or accepted result; zero before there is one."),
        field("draws_end", &Task::draws_end, "Running clock after which no replica is drawn."),
        field("timer", &Task::timer, "When the search or the review ends; 0 while replicas work.")};
  }
};

/// The id of task `index` of `job`.
TaskId task_id(const JobId& job, std::uint32_t index);

}  // namespace bourse::market
