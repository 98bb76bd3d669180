// SPDX-License-Identifier: Apache-2.0
//
// What can be subscribed to: `blocks`, and `jobEvents` by job, provider or account. Both can be
// resumed from a height. SPEC 6.2.
#pragma once

#include "rpc/backend.hpp"
#include "rpc/subscriptions.hpp"

namespace bourse::rpc {

/// Adds the topics; `backend` must outlive the hub.
void add_topics(SubscriptionHub& hub, const Backend& backend);

/// Tells the subscribers of a block that has been committed.
void publish_block(SubscriptionHub& hub, const chain::Block& block, JsonStyle style);

}  // namespace bourse::rpc
