// SPDX-License-Identifier: Apache-2.0
//
// All cryptography, and the one door to OpenSSL and libsecp256k1. Accounts sign with BIP340 over
// secp256k1, validators with ed25519 (RFC 8032), everything is hashed with SHA-256.
#pragma once

#include <initializer_list>
#include <iterator>
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace bourse {

// --- Hashes -------------------------------------------------------------------------------------

using Sha256Words = std::array<std::uint32_t, 8>;
/// The state of SHA-256 behind so many bytes, which fill whole blocks.
struct Sha256Blocks {
  Sha256Words words;
  std::uint64_t bytes = 0;
};

/// SHA-256 over what update() is given. A copy goes on from where the original stood.
class Sha256 {
 public:
  Sha256();
  Sha256& update(ByteView data);
  Hash finish();
  /// What was updated must fill whole blocks.
  Sha256Blocks blocks() const;

 private:
  // OpenSSL's SHA256_CTX without its header, so that a hash on a hot path costs no allocation.
  alignas(8) std::array<std::byte, 112> state_;
};

Hash sha256(ByteView data);
/// The same for 64 bytes, the node of a tree: 69 ns where Sha256 takes 92.
Hash sha256_pair(std::span<const std::uint8_t, 64> pair);
/// 64 bytes, and the place for their hash, which may lie among the bytes of no job.
struct Sha256Pair {
  const std::uint8_t* pair;
  Hash* hash;
};
/// sha256_pair of each: 35 ns with AVX-512, 40 to 64 with SHA instructions, 69 without either.
void sha256_pairs(std::span<const Sha256Pair> jobs);

/// A message and the place for its hash.
struct Sha256Job {
  ByteView message;
  Hash* hash;
};
/// sha256 of each; faster for neighbours of like length, where the processor has instructions for
/// it: 125 ns for 250 bytes with AVX-512, 137 to 188 with SHA instructions, 235 alone.
void sha256_all(std::span<const Sha256Job> jobs);
/// The same behind what `primed` has seen, which must fill whole blocks, as a tag does.
void sha256_all(const Sha256& primed, std::span<const Sha256Job> jobs);
/// The same of messages that stand one after another in `bytes`: `hashes[i]` is of the one that
/// ends before ends[i].
void sha256_each(const Sha256& primed, ByteView bytes, std::span<const std::size_t> ends,
                 std::span<Hash> hashes);

/// A hasher primed with a tag (BIP340): what is updated next is the message. Callers on hot paths
/// keep one per tag and copy it, which saves two of the compressions.
Sha256 tagged_hasher(std::string_view tag);
Hash tagged_hash(std::string_view tag, ByteView message);
Hash tagged_hash(std::string_view tag, std::initializer_list<ByteView> parts);

/// RIPEMD-160 of SHA-256, the fingerprint of BIP32.
std::array<std::uint8_t, 20> hash160(ByteView data);

Hash hmac_sha256(ByteView key, ByteView message);
std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView message);

// --- Passwords and ciphers ----------------------------------------------------------------------

Bytes pbkdf2_hmac_sha256(ByteView password, ByteView salt, std::uint32_t rounds,
                         std::size_t length);
Bytes pbkdf2_hmac_sha512(ByteView password, ByteView salt, std::uint32_t rounds,
                         std::size_t length);

/// 128·n·r·p, the bytes that scrypt reads and writes, is at most this: parameters come from files.
inline constexpr std::uint64_t kMaxScryptCost = std::uint64_t{2} << 30;

/// scrypt (RFC 7914), or `bad_kdf` when n is no power of two above 1 or the cost is too high.
Result<Bytes> scrypt(ByteView password, ByteView salt, std::uint64_t n, std::uint64_t r,
                     std::uint64_t p, std::size_t length);

/// Encrypts or decrypts, which is the same operation.
Bytes aes128_ctr(const std::array<std::uint8_t, 16>& key, const std::array<std::uint8_t, 16>& iv,
                 ByteView data);

// --- Secrets ------------------------------------------------------------------------------------

void random_bytes(std::span<std::uint8_t> out);
bool constant_time_equal(ByteView a, ByteView b);
/// Zeroes memory in a way that the compiler does not optimise out.
void secure_zero(void* data, std::size_t size);

/// Zeroes a buffer of secret bytes when the scope ends.
template <class Buffer>
class WipeOnExit {
 public:
  explicit WipeOnExit(Buffer& buffer) : buffer_(buffer) {}
  ~WipeOnExit() { secure_zero(std::data(buffer_), std::size(buffer_)); }
  WipeOnExit(const WipeOnExit&) = delete;
  WipeOnExit& operator=(const WipeOnExit&) = delete;

 private:
  Buffer& buffer_;
};

// --- secp256k1 ----------------------------------------------------------------------------------

/// The address of a secret, or `bad_secret_key` when the secret is not in 1..n-1.
Result<Address> public_key(const SecretKey& secret);

/// BIP340. The secret must be one that public_key() accepts.
Signature schnorr_sign(const SecretKey& secret, const Hash& digest);
bool schnorr_verify(const Address& key, const Hash& digest, const Signature& signature);

/// A public key as a point of the curve. Finding the point of an address costs a seventh of a
/// signature check, so whoever checks many signatures of one sender keeps it.
class SchnorrKey {
 public:
  /// Nothing when the address is no point of the curve.
  static std::optional<SchnorrKey> parse(const Address& key);
  bool verify(const Hash& digest, const Signature& signature) const;

 private:
  SchnorrKey() = default;
  // libsecp256k1's secp256k1_xonly_pubkey without its header.
  std::array<std::uint8_t, 64> point_;
};

/// BIP340 over a message of any length and with given auxiliary randomness, for its test vectors.
Signature schnorr_sign_message(const SecretKey& secret, ByteView message, const Hash& aux);
bool schnorr_verify_message(const Address& key, ByteView message, const Signature& signature);

/// A public key with its parity byte, as BIP32 has it.
using CompressedKey = FixedBytes<33, struct CompressedKeyTag>;

Result<CompressedKey> compressed_public_key(const SecretKey& secret);
bool is_valid_public_key(const CompressedKey& key);
/// key + tweak·G or secret + tweak; `bad_tweak` in the cases in which the result is no key.
Result<SecretKey> secret_key_tweak_add(const SecretKey& secret, const Hash& tweak);
Result<CompressedKey> public_key_tweak_add(const CompressedKey& key, const Hash& tweak);

// --- ed25519 ------------------------------------------------------------------------------------

ConsensusKey ed25519_public(const SecretKey& seed);
Signature ed25519_sign(const SecretKey& seed, ByteView message);
bool ed25519_verify(const ConsensusKey& key, ByteView message, const Signature& signature);

}  // namespace bourse
