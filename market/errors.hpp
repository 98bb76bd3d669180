// SPDX-License-Identifier: Apache-2.0
//
// THE ERROR TABLE. A number is never used twice, because receipts keep it for ever. The order of
// the table is the order of the checks: where two errors apply, the earlier one is reported.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace bourse::market {

/// What an error means for the transaction.
/// malformed: it can never be valid; dropped, no fee.
/// not_yet:   it may become valid later, or was once; not in a block, no fee.
/// failed:    its signature and nonce were good; it is in a block, the fee was charged, nothing
/// else.
enum class ErrorClass : std::uint8_t { malformed, not_yet, failed };
constexpr auto enum_names(ErrorClass) {
  return std::array<std::string_view, 3>{"malformed", "not_yet", "failed"};
}

// clang-format off
#define BOURSE_TX_ERRORS(X) \
  X(1,   operation_type_unknown,       malformed, "This chain has no operation of that number.") \
  X(2,   operation_malformed,          malformed, "The operation's bytes are not its canonical encoding.") \
  X(3,   amount_is_zero,               malformed, "The amount must not be zero.") \
  X(4,   text_too_long,                malformed, "A text is longer than 64 bytes or not plain ASCII.") \
  X(5,   list_too_long,                malformed, "A list has more entries than the chain allows.") \
  X(6,   key_is_zero,                  malformed, "A key or an account is all zeros.") \
  X(7,   bundle_is_empty,              malformed, "The bundle needs CPU, memory and disk.") \
  X(8,   bundle_too_large,             malformed, "A quantity in the bundle is beyond 2^31.") \
  X(9,   gpu_model_mismatch,           malformed, "A GPU model goes with a GPU count, and neither without the other.") \
  X(10,  price_too_high,               malformed, "The price does not fit below the largest supply.") \
  X(11,  runtime_missing,              malformed, "An offer lists at least one runtime, and a job names one.") \
  X(12,  tasks_out_of_range,           malformed, "A job has 1 to 10000 tasks.") \
  X(13,  replicas_out_of_range,        malformed, "replicas_max is 1 to 15, and margin is 1 to replicas_max.") \
  X(14,  duration_out_of_range,        malformed, "A duration is zero, or a run is longer than a week.") \
  X(15,  list_has_duplicates,          malformed, "A list names something twice.") \
  X(16,  reason_is_none,               malformed, "Giving an assignment back needs a reason.") \
  X(50,  nonce_too_low,                not_yet,   "The nonce has been used; ask for the account's next one.") \
  X(51,  nonce_too_high,               not_yet,   "An earlier transaction of this account is missing.") \
  X(52,  expired,                      not_yet,   "The block time is past valid_until.") \
  X(53,  valid_until_too_far,          not_yet,   "valid_until is more than 24 hours ahead.") \
  X(54,  fee_limit_too_low,            not_yet,   "The fee limit is below the fee of this transaction.") \
  X(55,  balance_below_fee,            not_yet,   "The account cannot pay the fee.") \
  X(128, duration_too_long,            failed,    "A duration is longer than the chain allows.") \
  X(116, escrow_too_high,              failed,    "tasks x replicas_max x price_max does not fit below the largest supply.") \
  X(101, provider_not_found,           failed,    "There is no provider of that id.") \
  X(102, not_the_owner,                failed,    "Only the owner may do that.") \
  X(103, not_the_agent,                failed,    "Only the provider's agent key or owner may do that.") \
  X(104, provider_retired,             failed,    "The provider has retired.") \
  X(105, bond_too_low,                 failed,    "The free bond is smaller than that.") \
  X(106, provider_is_busy,             failed,    "The provider still works on assignments.") \
  X(107, too_many_offers,              failed,    "The provider has as many open offers as the chain allows.") \
  X(108, offer_not_found,              failed,    "There is no offer of that id.") \
  X(109, offer_closed,                 failed,    "The offer is no longer open.") \
  X(110, offer_is_a_bid,               failed,    "That is a bid; withdraw it with bid_withdraw.") \
  X(111, offer_is_not_a_bid,           failed,    "That is a standing offer; cancel it with offer_cancel.") \
  X(112, capacity_in_use,              failed,    "Running assignments use more than the new capacity.") \
  X(127, offer_class_fixed,            failed,    "An offer keeps its architecture and GPU model; post a new one.") \
  X(113, job_not_found,                failed,    "There is no job of that id.") \
  X(114, job_closed,                   failed,    "The job has ended.") \
  X(115, bid_misses_job,               failed,    "The bid does not have the job's class, runtime or bundle.") \
  X(117, nothing_to_cancel,            failed,    "Every task has ended or has a committed result.") \
  X(118, assignment_not_found,         failed,    "There is no assignment of that id.") \
  X(119, assignment_not_waiting,       failed,    "The assignment is not waiting to be accepted.") \
  X(120, assignment_not_running,       failed,    "The assignment is not running.") \
  X(121, reveal_not_open,              failed,    "The results of this task cannot be revealed now.") \
  X(122, commitment_mismatch,          failed,    "Digest and salt do not open the commitment.") \
  X(123, receipt_invalid,              failed,    "The storage receipt is not signed by a validator of this chain.") \
  X(124, receipt_too_short,            failed,    "The storage receipt ends before the review would.") \
  X(125, task_not_found,               failed,    "The job has no task of that index.") \
  X(126, task_not_in_review,           failed,    "The task has no result under review.") \
  X(100, balance_too_low,              failed,    "The account does not hold that much.")
// clang-format on

enum class TxError : std::uint16_t {
#define BOURSE_ENUMERATOR(number, name, kind, sentence) name = number,
  BOURSE_TX_ERRORS(BOURSE_ENUMERATOR)
#undef BOURSE_ENUMERATOR
};

struct ErrorInfo {
  TxError error;
  std::string_view name;
  ErrorClass kind;
  std::string_view sentence;
};

inline constexpr auto kErrors = std::to_array<ErrorInfo>({
#define BOURSE_ROW(number, name, kind, sentence) {TxError::name, #name, ErrorClass::kind, sentence},
    BOURSE_TX_ERRORS(BOURSE_ROW)
#undef BOURSE_ROW
});
#undef BOURSE_TX_ERRORS

/// The row of an error; nullptr for a number that is not in the table.
constexpr const ErrorInfo* find_error(std::uint16_t number) {
  for (const ErrorInfo& info : kErrors) {
    if (static_cast<std::uint16_t>(info.error) == number) return &info;
  }
  return nullptr;
}

inline Error to_error(TxError error) {
  const ErrorInfo* info = find_error(static_cast<std::uint16_t>(error));
  return Error{std::string(info->name), std::string(info->sentence)};
}

template <class T = void>
using TxResult = Result<T, TxError>;

[[noreturn]] inline void throw_exception_from_error(TxError error, const boost::source_location&) {
  throw std::runtime_error(to_error(error).kind);
}

}  // namespace bourse::market
