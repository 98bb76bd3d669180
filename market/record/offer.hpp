// SPDX-License-Identifier: Apache-2.0
//
// Supply. A standing offer serves any job; a bid is the same record for one job only.
#pragma once

#include <string>
#include <vector>

#include "base/shared.hpp"
#include "market/resources.hpp"

namespace bourse::market {

enum class OfferState : std::uint8_t { open, cancelled, expired };
constexpr auto enum_names(OfferState) {
  return std::array<std::string_view, 3>{"open", "cancelled", "expired"};
}

/// What a provider states when it posts an offer or a bid.
struct OfferTerms {
  Shared<std::string> gpu_model;
  Shared<std::vector<Hash>> runtimes;
  Prices prices;
  DurationMs lifetime;
  Bundle capacity;
  Arch arch{};

  static constexpr auto fields() {
    return std::tuple{
        field("arch", &OfferTerms::arch, "Processor architecture."),
        field("gpu_model", &OfferTerms::gpu_model, "Model of the GPUs; empty when there are none."),
        field("runtimes", &OfferTerms::runtimes, "Digests of the root file systems it has."),
        field("capacity", &OfferTerms::capacity, "What it can serve at one time."),
        field("prices", &OfferTerms::prices, "What each resource costs."),
        field("lifetime", &OfferTerms::lifetime, "How long the offer stands, in ms.")};
  }
};

/// There are millions of them, so the order of the members is the one that takes the least room.
struct Offer {
  OfferId id;
  ProviderId provider;
  Shared<JobId> job;
  TimeMs timer;
  [[no_unique_address]] OfferTerms terms;
  OfferState state{};
  Bundle free;

  static constexpr std::string_view table = "offer";
  const OfferId& key() const { return id; }
  bool is_bid() const { return !job->is_zero(); }

  static constexpr auto fields() {
    return std::tuple{
        field("id", &Offer::id, "Id of the offer."),
        field("provider", &Offer::provider, "Who offers."),
        field("job", &Offer::job, "The one job that a bid is for; zero for a standing offer."),
        field("terms", &Offer::terms, "What is offered."),
        field("free", &Offer::free, "Capacity that no assignment uses."),
        field("state", &Offer::state, "Whether it still takes work."),
        field("timer", &Offer::timer, "When it expires, on the running clock; 0 when closed.")};
  }
};

}  // namespace bourse::market
