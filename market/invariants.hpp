// SPDX-License-Identifier: Apache-2.0
//
// The laws of the market. They are checked in release builds after every step over the records that
// the step changed, and over the whole state at start-up, because their purpose is to stop what
// should be impossible before it becomes durable. SPEC 5.7.
#pragma once

#include <string>
#include <vector>

#include "market/state.hpp"

namespace bourse::market {

/// The law that this record breaks by itself, or an empty text.
std::string broken_law(const Globals& globals);
std::string broken_law(const Account& account);
std::string broken_law(const Provider& provider);
std::string broken_law(const Offer& offer);
std::string broken_law(const Job& job);
std::string broken_law(const Task& task);
std::string broken_law(const Assignment& assignment);

/// Everything that holds of the state as a whole: the laws of each record, that the money adds up
/// to the supply, that capacity is sold once, that every live object is reached by a timer.
/// Returns one sentence per violation; none is right.
std::vector<std::string> audit(const State& state);

}  // namespace bourse::market
