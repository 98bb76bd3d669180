// SPDX-License-Identifier: Apache-2.0
//
// Goal: scripts can rely on the exit codes.
// Method: one representative error kind for every documented code, and every error of the market.
#include "wallet/exit_code.hpp"

#include <gtest/gtest.h>

#include <string>

#include "market/errors.hpp"

namespace bourse::wallet {
namespace {

TEST(ExitCode, TheDocumentedNumbers) {
  const std::pair<const char*, int> expected[] = {
      {"amount_invalid", 2},   {"job_file_invalid", 2}, {"confirmation_needed", 2},
      {"wallet_not_found", 3}, {"job_not_found", 3},    {"file_not_found", 3},
      {"wrong_password", 4},   {"password_needed", 4},  {"wrong_account", 4},
      {"node_unreachable", 5}, {"tls_untrusted", 5},    {"balance_too_low", 6},
      {"tx_expired", 6},       {"wrong_chain", 6},      {"timeout", 7},
      {"job_failed", 8},       {"interrupted", 130},    {"internal_error", 1},
      {"declined", 1},         {"never heard of", 1},   {"", 1},
  };
  for (const auto& [kind, code] : expected) {
    EXPECT_EQ(static_cast<int>(exit_code(kind)), code) << kind;
  }
}

TEST(ExitCode, WhatTheMarketRefusesIsRejectedOrNotFound) {
  for (const market::ErrorInfo& info : market::kErrors) {
    const bool absent = info.name.ends_with("_not_found");
    EXPECT_EQ(exit_code(info.name), absent ? ExitCode::not_found : ExitCode::rejected) << info.name;
  }
}

}  // namespace
}  // namespace bourse::wallet
