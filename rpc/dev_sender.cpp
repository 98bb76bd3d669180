// SPDX-License-Identifier: Apache-2.0
#include "rpc/dev_sender.hpp"

#include <mutex>

#include "base/crypto.hpp"

namespace bourse::rpc {

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
  return sent;
}

}  // namespace bourse::rpc
