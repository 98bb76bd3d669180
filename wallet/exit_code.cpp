// SPDX-License-Identifier: Apache-2.0
#include "wallet/exit_code.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "market/errors.hpp"

namespace bourse::wallet {
namespace {

constexpr auto kCodes = std::to_array<std::pair<std::string_view, ExitCode>>({
    {"amount_invalid", ExitCode::usage},
    {"bad_address", ExitCode::usage},
    {"bad_path", ExitCode::usage},
    {"bad_url", ExitCode::usage},
    {"bad_word_checksum", ExitCode::usage},
    {"bad_word_count", ExitCode::usage},
    {"unknown_word", ExitCode::usage},
    {"confirmation_needed", ExitCode::usage},
    {"cursor_invalid", ExitCode::usage},
    {"form_invalid", ExitCode::usage},
    {"invalid_params", ExitCode::usage},
    {"job_file_invalid", ExitCode::usage},
    {"json_field", ExitCode::usage},
    {"output_dir_not_empty", ExitCode::usage},
    {"password_too_short", ExitCode::usage},
    {"spec_invalid", ExitCode::usage},
    {"tls_required", ExitCode::usage},
    {"tx_document_invalid", ExitCode::usage},
    {"usage", ExitCode::usage},
    {"wallet_name_invalid", ExitCode::usage},
    {"wrong_network", ExitCode::usage},

    {"file_not_private", ExitCode::locked},
    {"no_terminal", ExitCode::locked},
    {"not_your_blob", ExitCode::locked},
    {"password_needed", ExitCode::locked},
    {"wrong_account", ExitCode::locked},
    {"wrong_password", ExitCode::locked},

    {"engine_not_running", ExitCode::unreachable},
    {"node_bad_answer", ExitCode::unreachable},
    {"node_unreachable", ExitCode::unreachable},
    {"tls_untrusted", ExitCode::unreachable},

    {"account_queue_full", ExitCode::rejected},
    {"balance_too_low_for_fee", ExitCode::rejected},
    {"mempool_full", ExitCode::rejected},
    {"nonce_gap", ExitCode::rejected},
    {"replacement_underpriced", ExitCode::rejected},
    {"tx_already_waiting", ExitCode::rejected},
    {"tx_expired", ExitCode::rejected},
    {"tx_malformed", ExitCode::rejected},
    {"tx_operation_count", ExitCode::rejected},
    {"tx_signature_invalid", ExitCode::rejected},
    {"tx_too_heavy", ExitCode::rejected},
    {"tx_too_large", ExitCode::rejected},
    {"tx_version_unknown", ExitCode::rejected},
    {"tx_wrong_chain", ExitCode::rejected},
    {"wrong_chain", ExitCode::rejected},

    {"timeout", ExitCode::timeout},
    {"job_failed", ExitCode::job_failed},
    {"interrupted", ExitCode::interrupted},
});

}  // namespace

ExitCode exit_code(std::string_view error_kind) {
  // Whether a node or a receipt says so: what was named is not there.
  if (error_kind.ends_with("_not_found")) return ExitCode::not_found;
  const auto found = std::find_if(kCodes.begin(), kCodes.end(),
                                  [&](const auto& row) { return row.first == error_kind; });
  if (found != kCodes.end()) return found->second;
  const bool is_of_the_market =
      std::any_of(market::kErrors.begin(), market::kErrors.end(),
                  [&](const market::ErrorInfo& info) { return info.name == error_kind; });
  return is_of_the_market ? ExitCode::rejected : ExitCode::failure;
}

}  // namespace bourse::wallet
