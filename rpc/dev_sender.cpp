// SPDX-License-Identifier: Apache-2.0
#include "rpc/dev_sender.hpp"

#include <chrono>
#include <mutex>
#include <thread>

#include "base/crypto.hpp"

namespace bourse::rpc {
namespace {

constexpr std::chrono::seconds kBlockWithin{5};

/// Who tries things out with one call after another expects the first to have happened.
Result<DevSent> wait_for_block(const Backend& backend, const DevSent& sent) {
  const auto deadline = std::chrono::steady_clock::now() + kBlockWithin;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto found = backend.engine.find(sent.id);
    if (found) {
      const auto* error = market::find_error(found->receipt.error);
      if (error) return market::to_error(error->error);
      return sent;
    }
    if (found.error().kind != "tx_waiting") return found.error();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return Error{"timeout", "the transaction still waits for a block; ask tx_get for it"};
}

}  // namespace

Result<DevSent> send_from_dev_account(const Backend& backend,
                                      std::vector<chain::Operation> operations) {
  CHECK(!backend.dev_keys.empty());
  // Two requests at once must not take the same nonce.
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  const SecretKey& key = backend.dev_keys.front();
  DevSent sent;
  TRY_ASSIGN(sent.sender, public_key(key));
  sent.nonce = backend.engine.next_nonce(sent.sender);
  chain::TxBody body;
  body.chain_id = backend.chain_id;
  body.sender = sent.sender;
  body.nonce = sent.nonce;
  body.fee_limit = Amount(kGrainsPerBrs);
  body.valid_until = std::max(backend.now(), backend.engine.status().time) + seconds(600);
  body.operations = std::move(operations);
  TRY_ASSIGN(sent.id, backend.engine.submit(chain::sign_tx(body, key)));
  return wait_for_block(backend, sent);
}

}  // namespace bourse::rpc
