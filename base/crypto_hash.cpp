// SPDX-License-Identifier: Apache-2.0
//
// Hashes, key derivation, the cipher and randomness, over OpenSSL.

// The SHA256_* functions are deprecated, not slow: 86 ns for 64 bytes, where a digest context that
// is reused takes 116 ns and the one-shot functions of OpenSSL 3 take 350 ns.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

#include "base/check.hpp"
#include "base/crypto.hpp"

namespace bourse {
namespace {

SHA256_CTX* context(std::array<std::byte, 112>& state) {
  static_assert(sizeof(SHA256_CTX) == 112 && alignof(SHA256_CTX) <= 8);
  return reinterpret_cast<SHA256_CTX*>(state.data());
}

int checked_int(std::size_t size) {
  CHECK(size <= INT_MAX);
  return static_cast<int>(size);
}

template <std::size_t N>
std::array<std::uint8_t, N> hmac(const EVP_MD* digest, ByteView key, ByteView message) {
  std::array<std::uint8_t, N> out;
  // HMAC() fails on a null key, which an empty view may have.
  const std::uint8_t none = 0;
  const std::uint8_t* const key_data = key.empty() ? &none : key.data();
  CHECK(HMAC(digest, key_data, checked_int(key.size()), message.data(), message.size(), out.data(),
             nullptr) != nullptr);
  return out;
}

Bytes pbkdf2(const EVP_MD* digest, ByteView password, ByteView salt, std::uint32_t rounds,
             std::size_t length) {
  CHECK(rounds > 0 && rounds <= INT_MAX && length > 0);
  Bytes out(length);
  CHECK(PKCS5_PBKDF2_HMAC(as_text(password).data(), checked_int(password.size()), salt.data(),
                          checked_int(salt.size()), static_cast<int>(rounds), digest,
                          checked_int(length), out.data()) == 1);
  return out;
}

}  // namespace

Sha256::Sha256() { CHECK(SHA256_Init(context(state_)) == 1); }

Sha256& Sha256::update(ByteView data) {
  CHECK(SHA256_Update(context(state_), data.data(), data.size()) == 1);
  return *this;
}

Hash Sha256::finish() {
  Hash out;
  CHECK(SHA256_Final(out.data(), context(state_)) == 1);
  return out;
}

Sha256Blocks Sha256::blocks() const {
  SHA256_CTX copy;
  std::memcpy(&copy, state_.data(), sizeof copy);
  CHECK(copy.num == 0);
  Sha256Blocks out{{}, (std::uint64_t{copy.Nh} << 32 | copy.Nl) / 8};
  std::ranges::copy(copy.h, out.words.begin());
  return out;
}

Hash sha256(ByteView data) { return Sha256().update(data).finish(); }

Hash sha256_pair(std::span<const std::uint8_t, 64> pair) {
  // Two bare compressions, the second of the padding of 64 bytes, without the buffering between.
  static constexpr auto padding = [] {
    std::array<std::uint8_t, 64> block{};
    block[0] = 0x80;
    block[62] = 2;  // 512 bits
    return block;
  }();
  // Only `h` is read by the compression; setting up the rest would cost a quarter of it.
  static const SHA256_CTX start = [] {
    SHA256_CTX sum;
    SHA256_Init(&sum);
    return sum;
  }();
  SHA256_CTX sum;
  std::memcpy(sum.h, start.h, sizeof sum.h);
  SHA256_Transform(&sum, pair.data());
  SHA256_Transform(&sum, padding.data());
  Hash out;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint32_t word = __builtin_bswap32(sum.h[i]);
    std::memcpy(out.data() + 4 * i, &word, sizeof word);
  }
  return out;
}

Sha256 tagged_hasher(std::string_view tag) {
  const Hash tag_hash = sha256(as_bytes(tag));
  return Sha256().update(tag_hash.bytes).update(tag_hash.bytes);
}

Hash tagged_hash(std::string_view tag, ByteView message) {
  return tagged_hasher(tag).update(message).finish();
}

Hash tagged_hash(std::string_view tag, std::initializer_list<ByteView> parts) {
  Sha256 hasher = tagged_hasher(tag);
  for (const ByteView part : parts) hasher.update(part);
  return hasher.finish();
}

std::array<std::uint8_t, 20> hash160(ByteView data) {
  const Hash inner = sha256(data);
  std::array<std::uint8_t, 20> out;
  CHECK(EVP_Digest(inner.data(), inner.size(), out.data(), nullptr, EVP_ripemd160(), nullptr) == 1);
  return out;
}

Hash hmac_sha256(ByteView key, ByteView message) { return {hmac<32>(EVP_sha256(), key, message)}; }

std::array<std::uint8_t, 64> hmac_sha512(ByteView key, ByteView message) {
  return hmac<64>(EVP_sha512(), key, message);
}

Bytes pbkdf2_hmac_sha256(ByteView password, ByteView salt, std::uint32_t rounds,
                         std::size_t length) {
  return pbkdf2(EVP_sha256(), password, salt, rounds, length);
}

Bytes pbkdf2_hmac_sha512(ByteView password, ByteView salt, std::uint32_t rounds,
                         std::size_t length) {
  return pbkdf2(EVP_sha512(), password, salt, rounds, length);
}

Result<Bytes> scrypt(ByteView password, ByteView salt, std::uint64_t n, std::uint64_t r,
                     std::uint64_t p, std::size_t length) {
  const Error bad{"bad_kdf",
                  "The scrypt parameters are not usable: n is a power of two above 1, "
                  "r and p are positive, and 128·n·r·p is at most 2 GiB."};
  std::uint64_t cost = 0;
  if (n < 2 || !std::has_single_bit(n) || r == 0 || p == 0 || length == 0 ||
      __builtin_mul_overflow(n, r, &cost) || __builtin_mul_overflow(cost, p, &cost) ||
      cost > kMaxScryptCost / 128) {
    return bad;
  }
  Bytes out(length);
  // OpenSSL's own limit counts its bookkeeping too; ours above is the binding one.
  if (EVP_PBE_scrypt(as_text(password).data(), password.size(), salt.data(), salt.size(), n, r, p,
                     2 * kMaxScryptCost, out.data(), out.size()) != 1) {
    return bad;
  }
  return out;
}

Bytes aes128_ctr(const std::array<std::uint8_t, 16>& key, const std::array<std::uint8_t, 16>& iv,
                 ByteView data) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  CHECK(cipher != nullptr);
  Bytes out(data.size());
  int written = 0;
  CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ctr(), nullptr, key.data(), iv.data()) == 1);
  CHECK(EVP_EncryptUpdate(cipher.get(), out.data(), &written, data.data(),
                          checked_int(data.size())) == 1);
  return out;
}

void random_bytes(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t count = ::getrandom(out.data(), out.size(), 0);
    CHECK(count > 0 || errno == EINTR);
    if (count > 0) out = out.subspan(static_cast<std::size_t>(count));
  }
}

bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void secure_zero(void* data, std::size_t size) { OPENSSL_cleanse(data, size); }

}  // namespace bourse
