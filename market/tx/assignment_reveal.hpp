// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "market/storage_receipt.hpp"
#include "market/tx/tx_context.hpp"

namespace bourse::market {

/// The agent shows its result and proves that it can be fetched.
struct AssignmentReveal {
  AssignmentId assignment;
  Hash digest;
  Hash salt;
  StorageReceipt receipt;

  static constexpr std::uint16_t type = 42;
  static constexpr std::string_view name = "assignment_reveal";
  static constexpr std::string_view doc =
      "The agent shows its result and proves that it can be fetched.";
  std::uint64_t weight() const { return 60; }

  static constexpr auto fields() {
    return std::tuple{field("assignment", &AssignmentReveal::assignment, "The assignment."),
                      field("digest", &AssignmentReveal::digest, "Digest of the result."),
                      field("salt", &AssignmentReveal::salt,
                            "32 random bytes that the commitment was made with."),
                      field("receipt", &AssignmentReveal::receipt,
                            "A validator's signature that the result blob is stored.")};
  }
};

TxResult<> check(const AssignmentReveal& tx);
TxResult<> apply(const AssignmentReveal& tx, TxContext& context);

}  // namespace bourse::market
