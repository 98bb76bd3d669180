// SPDX-License-Identifier: Apache-2.0
//
// What the market did, as a record in the block with a receipt: who was matched at what price, what
// fired, who was paid. An event's id is (height, index). SPEC 5.6.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::market {

enum class EventKind : std::uint8_t {
  job_submitted,
  task_queued,
  matched,
  running,
  committed,
  reveal_opened,
  revealed,
  review_opened,
  disputed,
  accepted,
  outvoted,
  silent,
  late,
  failed,
  inconclusive,
  unserved,
  cancelled,
  paid,
  slashed,
  burned,
  job_closed,
  offer_expired,
  unbonded
};
constexpr auto enum_names(EventKind) {
  return std::array<std::string_view, 23>{
      "job_submitted", "task_queued",   "matched",       "running",  "committed",
      "reveal_opened", "revealed",      "review_opened", "disputed", "accepted",
      "outvoted",      "silent",        "late",          "failed",   "inconclusive",
      "unserved",      "cancelled",     "paid",          "slashed",  "burned",
      "job_closed",    "offer_expired", "unbonded"};
}

struct Event {
  EventKind kind{};
  std::optional<JobId> job;
  std::optional<std::uint32_t> task;
  std::optional<AssignmentId> assignment;
  std::optional<ProviderId> provider;
  std::optional<Address> account;
  std::optional<Amount> amount;
  std::optional<Hash> digest;

  static constexpr auto fields() {
    return std::tuple{field("kind", &Event::kind, "What happened."),
                      field("job", &Event::job, "The job."),
                      field("task", &Event::task, "Index of the task."),
                      field("assignment", &Event::assignment, "The assignment."),
                      field("provider", &Event::provider, "The provider."),
                      field("account", &Event::account, "Who was paid or refunded."),
                      field("amount", &Event::amount, "Price, payment, refund or loss in grains."),
                      field("digest", &Event::digest, "Digest of a result.")};
  }
};

}  // namespace bourse::market
