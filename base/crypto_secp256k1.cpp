// SPDX-License-Identifier: Apache-2.0
//
// BIP340 signatures and the key arithmetic of BIP32, over libsecp256k1.
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

#include <cstring>

#include "base/check.hpp"
#include "base/crypto.hpp"

namespace bourse {
namespace {

/// One context for the life of the process, blinded against side channels; const use of it is safe
/// from any thread.
const secp256k1_context* context() {
  static const secp256k1_context* const shared = [] {
    secp256k1_context* created = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    std::array<std::uint8_t, 32> seed;
    const WipeOnExit wipe(seed);
    random_bytes(seed);
    CHECK(secp256k1_context_randomize(created, seed.data()) == 1);
    return created;
  }();
  return shared;
}

Error bad_secret_key() {
  return {"bad_secret_key", "The secret key is not in the range that secp256k1 allows."};
}

Error bad_tweak() {
  return {"bad_tweak", "This derivation gives no valid key; use the next index."};
}

CompressedKey compress(const secp256k1_pubkey& key) {
  CompressedKey out;
  std::size_t size = out.size();
  CHECK(secp256k1_ec_pubkey_serialize(context(), out.data(), &size, &key,
                                      SECP256K1_EC_COMPRESSED) == 1);
  return out;
}

bool parse(const CompressedKey& key, secp256k1_pubkey& out) {
  return secp256k1_ec_pubkey_parse(context(), &out, key.data(), key.size()) == 1;
}

}  // namespace

Result<Address> public_key(const SecretKey& secret) {
  TRY_ASSIGN(const CompressedKey key, compressed_public_key(secret));
  return *Address::from(ByteView(key.bytes).subspan(1));
}

Signature schnorr_sign(const SecretKey& secret, const Hash& digest) {
  Hash aux;
  random_bytes(aux.bytes);
  return schnorr_sign_message(secret, digest.bytes, aux);
}

bool schnorr_verify(const Address& key, const Hash& digest, const Signature& signature) {
  return schnorr_verify_message(key, digest.bytes, signature);
}

std::optional<SchnorrKey> SchnorrKey::parse(const Address& key) {
  secp256k1_xonly_pubkey point;
  if (secp256k1_xonly_pubkey_parse(context(), &point, key.data()) != 1) return std::nullopt;
  SchnorrKey out;
  static_assert(sizeof point.data == sizeof out.point_);
  std::memcpy(out.point_.data(), point.data, sizeof point.data);
  return out;
}

bool SchnorrKey::verify(const Hash& digest, const Signature& signature) const {
  secp256k1_xonly_pubkey point;
  std::memcpy(point.data, point_.data(), sizeof point.data);
  return secp256k1_schnorrsig_verify(context(), signature.data(), digest.data(), digest.size(),
                                     &point) == 1;
}

Signature schnorr_sign_message(const SecretKey& secret, ByteView message, const Hash& aux) {
  secp256k1_keypair pair;
  WipeOnExit wipe(pair.data);
  CHECK(secp256k1_keypair_create(context(), &pair, secret.data()) == 1);
  secp256k1_schnorrsig_extraparams extra = SECP256K1_SCHNORRSIG_EXTRAPARAMS_INIT;
  Hash ndata = aux;
  extra.ndata = ndata.data();
  Signature out;
  CHECK(secp256k1_schnorrsig_sign_custom(context(), out.data(), message.data(), message.size(),
                                         &pair, &extra) == 1);
  return out;
}

bool schnorr_verify_message(const Address& key, ByteView message, const Signature& signature) {
  secp256k1_xonly_pubkey parsed;
  return secp256k1_xonly_pubkey_parse(context(), &parsed, key.data()) == 1 &&
         secp256k1_schnorrsig_verify(context(), signature.data(), message.data(), message.size(),
                                     &parsed) == 1;
}

Result<CompressedKey> compressed_public_key(const SecretKey& secret) {
  secp256k1_pubkey key;
  if (secp256k1_ec_pubkey_create(context(), &key, secret.data()) != 1) return bad_secret_key();
  return compress(key);
}

bool is_valid_public_key(const CompressedKey& key) {
  secp256k1_pubkey parsed;
  return parse(key, parsed);
}

Result<SecretKey> secret_key_tweak_add(const SecretKey& secret, const Hash& tweak) {
  SecretKey out = secret;
  if (secp256k1_ec_seckey_tweak_add(context(), out.data(), tweak.data()) != 1) return bad_tweak();
  return out;
}

Result<CompressedKey> public_key_tweak_add(const CompressedKey& key, const Hash& tweak) {
  secp256k1_pubkey parsed;
  if (!parse(key, parsed) || secp256k1_ec_pubkey_tweak_add(context(), &parsed, tweak.data()) != 1) {
    return bad_tweak();
  }
  return compress(parsed);
}

}  // namespace bourse
