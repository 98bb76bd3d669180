// SPDX-License-Identifier: Apache-2.0
//
// One transaction against the state: the checks that every transaction shares, the fee, and the
// operations, which succeed or fail together. SPEC 3.2.
#pragma once

#include "chain/state_machine.hpp"
#include "market/context.hpp"

namespace bourse::market {

/// Whether the transaction may be in a block now, and its fee. Errors in this order: those of
/// weigh(), nonce_too_low, nonce_too_high, expired, valid_until_too_far, fee_limit_too_low,
/// balance_below_fee.
TxResult<Amount> admit(const State& state, const chain::TxBody& body, std::size_t bytes);

/// Charges the fee, then applies the operations; a failed one takes all of them back and leaves the
/// fee. The transaction must have been admitted.
chain::Receipt execute(Context& context, const chain::TxBody& body, const Hash& id, Amount fee,
                       const Address& fee_to);

}  // namespace bourse::market
