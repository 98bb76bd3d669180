// SPDX-License-Identifier: Apache-2.0
//
// The chain enforces its own deadlines: with everyone silent, every job still ends and every grain
// goes where the rule says. SPEC 5.6.
#pragma once

#include "market/context.hpp"

namespace bourse::market {

/// Keeps the running clock from counting an outage of the chain itself: when the earliest timer is
/// overdue by more than `stall`, nobody could have met it, so the clock is set back to `grace`
/// before it, though never to before `previous_clock`.
void adjust_clock(Context& context, TimeMs previous_clock);

/// Fires the timers that are due, in order, at most `timer_fires_max` of them.
void fire_timers(Context& context);

/// The earliest block time at which a timer would fire.
std::optional<TimeMs> next_timer(const State& state, const Indexes& indexes);

}  // namespace bourse::market
