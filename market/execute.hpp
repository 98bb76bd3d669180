// SPDX-License-Identifier: Apache-2.0
//
// One transaction against the state: the checks that every transaction shares, the fee, and the
// operations, which succeed or fail together. SPEC 3.2.
#pragma once

#include "chain/recycler.hpp"
#include "chain/state_machine.hpp"
#include "market/context.hpp"
#include "market/tx_types.hpp"

namespace bourse::market {

/// The typed operations of a transaction, and their summed weight.
struct Operations {
  std::vector<AnyTx, chain::RecyclingAllocator<AnyTx>> list;
  std::uint64_t weight = 0;
};

/// Errors: those of decode_operation and of each check().
TxResult<Operations> decode_operations(const chain::TxBody& body);

/// Whether a transaction of so many bytes may be in a block of time `now`, and its fee; `sender` is
/// null when nobody has paid the account yet. Errors in this order: nonce_too_low, nonce_too_high,
/// expired, valid_until_too_far, fee_limit_too_low, balance_below_fee.
TxResult<Amount> admit(const Params& params, TimeMs now, const chain::TxBody& body,
                       std::size_t bytes, std::uint64_t weight, const Account* sender);

/// Charges the fee, then applies the operations; a failed one takes all of them back and leaves the
/// fee. The transaction must have been admitted; it is number `item` of its block.
chain::Receipt execute(Context& context, const chain::TxBody& body, const Operations& operations,
                       const Hash& id, std::uint32_t item, Amount fee, const Address& fee_to);

}  // namespace bourse::market
