// SPDX-License-Identifier: Apache-2.0
//
// THE LIST: every transaction type, one line each. Everything that has to know them all asks here.
#pragma once

#include <concepts>
#include <optional>
#include <variant>

#include "base/codec.hpp"
#include "chain/tx.hpp"
#include "market/tx/assignment_accept.hpp"
#include "market/tx/assignment_commit.hpp"
#include "market/tx/assignment_fail.hpp"
#include "market/tx/assignment_reveal.hpp"
#include "market/tx/bid_place.hpp"
#include "market/tx/bid_withdraw.hpp"
#include "market/tx/job_cancel.hpp"
#include "market/tx/job_submit.hpp"
#include "market/tx/offer_cancel.hpp"
#include "market/tx/offer_change.hpp"
#include "market/tx/offer_create.hpp"
#include "market/tx/provider_bond.hpp"
#include "market/tx/provider_register.hpp"
#include "market/tx/provider_retire.hpp"
#include "market/tx/provider_unbond.hpp"
#include "market/tx/provider_update.hpp"
#include "market/tx/result_accept.hpp"
#include "market/tx/result_dispute.hpp"
#include "market/tx/transfer.hpp"

namespace bourse::market {

template <class T>
concept TxType = HasFields<T> && requires(const T tx, TxContext& context) {
  { T::type } -> std::convertible_to<std::uint16_t>;
  { T::name } -> std::convertible_to<std::string_view>;
  { T::doc } -> std::convertible_to<std::string_view>;
  { tx.weight() } -> std::same_as<std::uint64_t>;
  { check(tx) } -> std::same_as<TxResult<>>;
  { apply(tx, context) } -> std::same_as<TxResult<>>;
};

template <TxType... Types>
struct TxList {
  using Variant = std::variant<Types...>;

  /// Calls visit(T{}) for every type, in order.
  template <class Visit>
  static void for_each(Visit&& visit) {
    (visit(Types{}), ...);
  }

  static constexpr bool numbers_are_unique() {
    const std::uint16_t numbers[] = {Types::type...};
    for (std::size_t i = 0; i < sizeof...(Types); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (numbers[i] == numbers[j]) return false;
      }
    }
    return true;
  }
};

// One type per line, so that a new one is one line.
// clang-format off
using TxTypes = TxList<
    Transfer,
    ProviderRegister,
    ProviderUpdate,
    ProviderBond,
    ProviderUnbond,
    ProviderRetire,
    OfferCreate,
    OfferChange,
    OfferCancel,
    BidPlace,
    BidWithdraw,
    JobSubmit,
    JobCancel,
    AssignmentAccept,
    AssignmentCommit,
    AssignmentReveal,
    AssignmentFail,
    ResultAccept,
    ResultDispute>;
// clang-format on
static_assert(TxTypes::numbers_are_unique(), "two transaction types share a number");

using AnyTx = TxTypes::Variant;

/// The typed operation. Errors: operation_type_unknown, operation_malformed.
TxResult<AnyTx> decode_operation(const chain::Operation& operation);

template <TxType T>
chain::Operation to_operation(const T& tx) {
  return {T::type, encode(tx)};
}

}  // namespace bourse::market
