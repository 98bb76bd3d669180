// SPDX-License-Identifier: Apache-2.0
//
// One provider working on one task: its price and its bond are held here until it ends. SPEC 5.4.
#pragma once

#include <array>
#include <string_view>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::market {

enum class AssignmentState : std::uint8_t {
  assigned,
  running,
  committed,
  revealed,
  accepted,
  outvoted,
  silent,
  late,
  failed,
  inconclusive,
  cancelled
};
constexpr auto enum_names(AssignmentState) {
  return std::array<std::string_view, 11>{"assigned", "running",      "committed", "revealed",
                                          "accepted", "outvoted",     "silent",    "late",
                                          "failed",   "inconclusive", "cancelled"};
}
/// Whether the chain still waits for the provider.
constexpr bool is_working(AssignmentState state) { return state <= AssignmentState::committed; }
constexpr bool has_ended(AssignmentState state) { return state >= AssignmentState::accepted; }

/// Why a provider gave an assignment back.
enum class FailReason : std::uint8_t {
  none,
  input_unavailable,
  spec_unreadable,
  runtime_missing,
  sandbox_failed,
  storage_refused,
  shutting_down
};
constexpr auto enum_names(FailReason) {
  return std::array<std::string_view, 7>{
      "none",           "input_unavailable", "spec_unreadable", "runtime_missing",
      "sandbox_failed", "storage_refused",   "shutting_down"};
}

struct Assignment {
  AssignmentId id;
  TaskId task;
  JobId job;
  ProviderId provider;
  OfferId offer;
  AssignmentState state{};
  Amount price;
  Amount start_fee;
  Amount escrow;
  Amount bond;
  TimeMs matched;
  TimeMs started;
  Hash commitment;
  Hash digest;
  Hash result;
  std::uint64_t result_bytes = 0;
  FailReason reason{};
  TimeMs timer;

  static constexpr std::string_view table = "assignment";
  const AssignmentId& key() const { return id; }
  Amount held() const { return escrow + bond; }

  static constexpr auto fields() {
    return std::tuple{
        field("id", &Assignment::id, "Id of the assignment: from its task's id and the attempt."),
        field("task", &Assignment::task, "The task."),
        field("job", &Assignment::job, "The task's job."),
        field("provider", &Assignment::provider, "Who works on it."),
        field("offer", &Assignment::offer, "The offer that was matched."),
        field("state", &Assignment::state, "How far it is, or how it ended."),
        field("price", &Assignment::price, "Grains for an accepted result; fixed at the match."),
        field("start_fee", &Assignment::start_fee, "The part of the price due for a start."),
        field("escrow", &Assignment::escrow, "Grains held to pay it; 0 when ended."),
        field("bond", &Assignment::bond, "The provider's grains at stake; 0 when ended."),
        field("matched", &Assignment::matched, "Running clock at the match."),
        field("started", &Assignment::started, "Running clock when it was accepted; 0 before."),
        field("commitment", &Assignment::commitment, "Commitment to the result; zero before."),
        field("digest", &Assignment::digest, "Digest of the revealed result; zero before."),
        field("result", &Assignment::result, "SHA-256 of the stored result blob; zero before."),
        field("result_bytes", &Assignment::result_bytes, "Size of that blob."),
        field("reason", &Assignment::reason, "Why it was given back."),
        field("timer", &Assignment::timer,
              "Deadline of the provider's next step; 0 once revealed.")};
  }
};

/// The id of the `attempt`-th assignment drawn for `task`, from 0.
AssignmentId assignment_id(const TaskId& task, std::uint32_t attempt);

}  // namespace bourse::market
