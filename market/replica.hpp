// SPDX-License-Identifier: Apache-2.0
//
// How an assignment ends: where its price and its bond go. Each function leaves the assignment with
// nothing held and the provider with its capacity back; what that means for the task is decided in
// market/verdict. SPEC 5.4.
#pragma once

#include "market/context.hpp"

namespace bourse::market {

/// Ends the provider's work: the assignment leaves the working states, and its offer's capacity and
/// its place in the provider's list are free again.
void stop_working(Context& context, const AssignmentId& id, AssignmentState state);

/// Pays `amount` of the held price to the provider's payout account, the rest back to the job, and
/// the bond back to the provider.
void pay_replica(Context& context, const AssignmentId& id, AssignmentState state, Amount amount);

/// Gives the whole price back to the job and takes `permille` of the bond. Returns what was taken;
/// the caller burns it or pays damages with it.
Amount slash_replica(Context& context, const AssignmentId& id, AssignmentState state,
                     std::uint32_t permille);

/// What is due to a provider whose running assignment is cancelled now: the start fee and the part
/// of the rest that corresponds to the time run, at most the price.
Amount pay_for_elapsed(const Assignment& assignment, std::uint32_t run_seconds, TimeMs clock);

}  // namespace bourse::market
