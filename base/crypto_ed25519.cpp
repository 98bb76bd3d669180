// SPDX-License-Identifier: Apache-2.0
//
// ed25519 (RFC 8032) over OpenSSL, for the consensus keys of validators.
#include <openssl/evp.h>

#include <memory>

#include "base/check.hpp"
#include "base/crypto.hpp"

namespace bourse {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Key private_key(const SecretKey& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
          &EVP_PKEY_free);
  CHECK(key != nullptr);
  return key;
}

DigestContext new_context() {
  DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  CHECK(context != nullptr);
  return context;
}

}  // namespace

ConsensusKey ed25519_public(const SecretKey& seed) {
  const Key key = private_key(seed);
  ConsensusKey out;
  std::size_t size = out.size();
  CHECK(EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) == 1 && size == out.size());
  return out;
}

Signature ed25519_sign(const SecretKey& seed, ByteView message) {
  const Key key = private_key(seed);
  const DigestContext context = new_context();
  Signature out;
  std::size_t size = out.size();
  CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1);
  CHECK(size == out.size());
  return out;
}

bool ed25519_verify(const ConsensusKey& key, ByteView message, const Signature& signature) {
  const Key parsed(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
                   &EVP_PKEY_free);
  if (parsed == nullptr) return false;
  const DigestContext context = new_context();
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, parsed.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace bourse
