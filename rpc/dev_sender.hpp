// SPDX-License-Identifier: Apache-2.0
//
// Signing with the first account of a dev chain, whose key everybody knows. This is the only place
// where a node signs for an account.
#pragma once

#include "rpc/backend.hpp"

namespace bourse::rpc {

struct DevSent {
  Hash id;
  Address sender;
  Nonce nonce;
};

/// Returns when the transaction is in a block. Error kinds: those of Engine::submit, the market's
/// error when it failed in the block, timeout.
Result<DevSent> send_from_dev_account(const Backend& backend,
                                      std::vector<chain::Operation> operations);

}  // namespace bourse::rpc
