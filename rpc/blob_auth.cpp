// SPDX-License-Identifier: Apache-2.0
#include "rpc/blob_auth.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::rpc {

Hash blob_digest(const BlobRequest& request) { return tagged_hash("bourse/blob", encode(request)); }

Signature sign_blob_request(const SecretKey& secret, const BlobRequest& request) {
  return schnorr_sign(secret, blob_digest(request));
}

bool verify_blob_request(const Address& key, const BlobRequest& request,
                         const Signature& signature) {
  return schnorr_verify(key, blob_digest(request), signature);
}

}  // namespace bourse::rpc
