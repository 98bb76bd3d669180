// SPDX-License-Identifier: Apache-2.0
#include "bench/senders.hpp"

#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

#include "base/check.hpp"
#include "base/crypto.hpp"
#include "bench/parallel.hpp"

namespace bourse::bench {

struct Senders::Keys {
  secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  std::vector<secp256k1_keypair> pairs;
  ~Keys() { secp256k1_context_destroy(context); }
};

Senders::Senders(std::size_t count) : keys_(std::make_unique<Keys>()), addresses_(count) {
  keys_->pairs.resize(count);
  in_parallel(count, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const Hash secret = tagged_hash("bench/sender", as_bytes(std::to_string(i)));
      secp256k1_keypair& pair = keys_->pairs[i];
      secp256k1_xonly_pubkey key;
      CHECK(secp256k1_keypair_create(keys_->context, &pair, secret.data()) == 1);
      CHECK(secp256k1_keypair_xonly_pub(keys_->context, &key, nullptr, &pair) == 1);
      CHECK(secp256k1_xonly_pubkey_serialize(keys_->context, addresses_[i].data(), &key) == 1);
    }
  });
}

Senders::~Senders() = default;

Signature Senders::sign(std::size_t sender, const Hash& digest) const {
  Signature out;
  CHECK(secp256k1_schnorrsig_sign32(keys_->context, out.data(), digest.data(),
                                    &keys_->pairs[sender], nullptr) == 1);
  return out;
}

}  // namespace bourse::bench
