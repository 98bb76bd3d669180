// SPDX-License-Identifier: Apache-2.0
//
// Matching: the cheapest feasible offers by score, once per block, in an order that no submitter
// can choose. SPEC 5.3.
#pragma once

#include <array>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include "market/context.hpp"

namespace bourse::market {

/// Why an offer cannot serve a task; the first that applies, in this order.
enum class Mismatch : std::uint8_t {
  none,
  offer_closed,
  other_class,
  bid_for_another_job,
  runtime,
  capacity,
  price,
  provider_retired,
  provider_full,
  bond,
  region,
  not_allowed,
  excluded,
  record,
  already_drawn
};
constexpr auto enum_names(Mismatch) {
  return std::array<std::string_view, 15>{
      "none",          "offer_closed", "other_class",  "bid_for_another_job",
      "runtime",       "capacity",     "price",        "provider_retired",
      "provider_full", "bond",         "region",       "not_allowed",
      "excluded",      "record",       "already_drawn"};
}

/// What one offer would mean for a job: whether it can serve it, and at what price and score.
struct Evaluation {
  Mismatch mismatch{};
  Amount price;
  Amount bond;
  /// Price plus the penalty for the provider's record; the lowest score wins.
  Amount score;
};

/// Judges an offer for a job as the state is; `drawn` are the owners that have had the task.
Evaluation evaluate(const State& state, const Job& job, const Offer& offer,
                    const std::set<Address>& drawn);

struct Choice {
  OfferId offer;
  Evaluation evaluation;
};

/// The `wanted` cheapest offers of different owners among `offers`, or nothing when there are not
/// so many. Ties go to the older offer.
std::vector<Choice> choose(const State& state, const Job& job, const OfferSet& offers,
                           std::uint32_t wanted, const std::set<Address>& drawn);

/// The owners of all providers that have been drawn for the task.
std::set<Address> drawn_owners(const State& state, const Task& task);

/// The match phase of a block. `seed` gives the state root after the previous block, which decides
/// the order of the tasks that arrived in it; it is asked for only when there are some.
void match(Context& context, const State& state, const std::function<Hash()>& seed);

}  // namespace bourse::market
