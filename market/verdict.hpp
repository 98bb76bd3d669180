// SPDX-License-Identifier: Apache-2.0
//
// What a task's replicas add up to: another round, a review, an accepted result, or an end without
// one. SPEC 5.5.
#pragma once

#include "market/context.hpp"

namespace bourse::market {

/// To be called when a replica of the task has committed or stopped working: opens the reveals when
/// everyone still working has committed, and decides when nobody works any more.
void replica_moved(Context& context, const TaskId& id);

/// Looks at the revealed results: accept, review, draw a round, or end.
void decide(Context& context, const TaskId& id);

/// The price of the oldest replica that revealed the result under review.
Amount price_of_result(const Context& context, const TaskId& id);

/// Accepts the leading result, pays who agreed and slashes who did not.
void accept_result(Context& context, const TaskId& id);

/// Ends the search of a task that found nobody in time.
void end_search(Context& context, const TaskId& id);

/// Whether a task can still be cancelled: nobody has committed to a result of it.
bool is_cancellable(const Context& context, const Task& task);
/// Stops its replicas, paying each for the time it ran, and ends the task.
void cancel_task(Context& context, const TaskId& id);

}  // namespace bourse::market
