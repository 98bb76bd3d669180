// SPDX-License-Identifier: Apache-2.0
//
// The chain parameters: every number of the rules that a genesis may choose. SPEC 5.2.
#pragma once

#include "base/fields.hpp"
#include "base/quantity.hpp"

namespace bourse::market {

struct Params {
  Amount fee_per_byte{10};
  Amount fee_per_weight{1000};
  std::uint64_t block_bytes_max = 4 * 1024 * 1024;
  std::uint64_t block_weight_max = 200'000;
  std::uint32_t timer_fires_max = 1000;
  std::uint32_t match_evaluations_max = 200'000;
  std::uint32_t bond_permille = 2000;
  std::uint32_t late_permille = 100;
  std::uint32_t inconclusive_permille = 500;
  std::uint32_t attempts_extra = 8;
  std::uint32_t offers_per_provider_max = 64;
  std::uint32_t assignments_per_provider_max = 256;
  DurationMs accept_within = seconds(30);
  DurationMs transfer = seconds(120);
  DurationMs reveal_within = seconds(120);
  DurationMs unbond_delay = seconds(21 * 24 * 3600);
  DurationMs offer_lifetime_max = seconds(30 * 24 * 3600);
  DurationMs match_within_max = seconds(7 * 24 * 3600);
  DurationMs review_max = seconds(24 * 3600);
  DurationMs stall = seconds(60);
  DurationMs grace = seconds(30);

  static constexpr auto fields() {
    return std::tuple{
        field("fee_per_byte", &Params::fee_per_byte, "Grains for each byte of a transaction."),
        field("fee_per_weight", &Params::fee_per_weight, "Grains for each unit of weight."),
        field("block_bytes_max", &Params::block_bytes_max, "Most transaction bytes in a block."),
        field("block_weight_max", &Params::block_weight_max, "Most weight in a block."),
        field("timer_fires_max", &Params::timer_fires_max, "Most timers fired in a block."),
        field("match_evaluations_max", &Params::match_evaluations_max,
              "Most offers looked at in a block."),
        field("bond_permille", &Params::bond_permille, "Bond of an assignment per 1000 of price."),
        field("late_permille", &Params::late_permille,
              "Part of the bond per 1000 that a late replica loses."),
        field("inconclusive_permille", &Params::inconclusive_permille,
              "Part of the price per 1000 for a revealed replica without agreement."),
        field("attempts_extra", &Params::attempts_extra,
              "How many replicas beyond replicas_max may be drawn to replace failed ones."),
        field("offers_per_provider_max", &Params::offers_per_provider_max,
              "Most open offers and bids of a provider."),
        field("assignments_per_provider_max", &Params::assignments_per_provider_max,
              "Most live assignments of a provider."),
        field("accept_within", &Params::accept_within, "Time to accept an assignment, in ms."),
        field("transfer", &Params::transfer, "Time beside the run to move data, in ms."),
        field("reveal_within", &Params::reveal_within,
              "Time to reveal after all committed, in ms."),
        field("unbond_delay", &Params::unbond_delay, "Time until unbonded grains are free, in ms."),
        field("offer_lifetime_max", &Params::offer_lifetime_max,
              "Longest life of an offer, in ms."),
        field("match_within_max", &Params::match_within_max, "Longest search of a job, in ms."),
        field("review_max", &Params::review_max, "Longest review window, in ms."),
        field("stall", &Params::stall,
              "A timer overdue by more than this shows an outage of the chain itself, in ms."),
        field("grace", &Params::grace, "Time that an outage leaves until the first timer, in ms.")};
  }
};

}  // namespace bourse::market
