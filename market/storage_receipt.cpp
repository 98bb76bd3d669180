// SPDX-License-Identifier: Apache-2.0
#include "market/storage_receipt.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::market {
namespace {

Hash receipt_digest(const StorageReceipt& receipt) {
  CborWriter out;
  out.array(4);
  write(out, receipt.blob);
  write(out, receipt.size);
  write(out, receipt.kept_until);
  write(out, receipt.validator);
  return tagged_hash("bourse/stored", out.take());
}

}  // namespace

StorageReceipt sign_receipt(const Hash& blob, std::uint64_t size, TimeMs kept_until,
                            const SecretKey& consensus_seed) {
  StorageReceipt receipt{blob, size, kept_until, ed25519_public(consensus_seed), {}};
  receipt.signature = ed25519_sign(consensus_seed, receipt_digest(receipt).bytes);
  return receipt;
}

bool is_signed_by_validator(const StorageReceipt& receipt, const Globals& globals) {
  const bool known = std::any_of(globals.validators.begin(), globals.validators.end(),
                                 [&](const Validator& v) { return v.key == receipt.validator; });
  return known &&
         ed25519_verify(receipt.validator, receipt_digest(receipt).bytes, receipt.signature);
}

}  // namespace bourse::market
