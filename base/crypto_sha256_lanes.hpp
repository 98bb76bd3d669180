// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of several messages at once (FIPS 180-4): what the ways to do that have in common. Each
// is in a file of its own, and crypto_sha256_lanes.cpp chooses among them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <boost/endian/conversion.hpp>
#include <cstring>

#include "base/crypto.hpp"

namespace bourse {

/// A way to hash `count` messages at once, one in each lane.
struct Sha256Lanes {
  std::size_t count;
  void (*pairs)(const Sha256Pair* jobs);
  void (*messages)(const Sha256Blocks& before, const Sha256Job* jobs);
};

/// Two lanes with the SHA instructions of x86; nullptr where the processor has none.
const Sha256Lanes* sha256_two_lanes();
/// Sixteen lanes with AVX-512; nullptr where the processor has it not.
const Sha256Lanes* sha256_sixteen_lanes();

/// One word for each of 64 rounds.
using Sha256Schedule = std::array<std::uint32_t, 64>;

inline constexpr Sha256Words kSha256Start = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

alignas(16) inline constexpr Sha256Schedule kSha256Round = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// The second block of a message of 64 bytes is padding, so its words are known: here with the
/// round's constants added.
alignas(16) inline constexpr Sha256Schedule kSha256PaddingRound = [] {
  const auto sigma = [](std::uint32_t x, int a, int b, int shift) {
    return std::rotr(x, a) ^ std::rotr(x, b) ^ x >> shift;
  };
  Sha256Schedule words{0x80000000};
  words[15] = 512;
  for (std::size_t i = 16; i < words.size(); ++i) {
    words[i] = words[i - 16] + sigma(words[i - 15], 7, 18, 3) + words[i - 7] +
               sigma(words[i - 2], 17, 19, 10);
  }
  for (std::size_t i = 0; i < words.size(); ++i) words[i] += kSha256Round[i];
  return words;
}();

/// The blocks of a message behind so many bytes of whole blocks: those that it fills, then one or
/// two with its end and the padding.
class Sha256Padded {
 public:
  Sha256Padded(std::uint64_t bytes_before, ByteView message) : message_(message) {
    const ByteView rest = message.subspan(filled() * kBlock);
    const std::size_t end = (count() - filled()) * kBlock;
    // Whole blocks are cleared, since for a size that varies the C library would be called.
    std::memset(end_.data(), 0, kBlock);
    if (end > kBlock) std::memset(&end_[kBlock], 0, kBlock);
    std::copy(rest.begin(), rest.end(), end_.begin());
    end_[rest.size()] = 0x80;
    boost::endian::store_big_u64(&end_[end - 8], (bytes_before + message.size()) * 8);
  }

  static std::size_t count_of(ByteView message) { return (message.size() + 8) / kBlock + 1; }
  std::size_t count() const { return count_of(message_); }
  const std::uint8_t* operator[](std::size_t block) const {
    return block < filled() ? message_.data() + block * kBlock
                            : end_.data() + (block - filled()) * kBlock;
  }

 private:
  static constexpr std::size_t kBlock = 64;
  std::size_t filled() const { return message_.size() / kBlock; }

  ByteView message_;
  std::array<std::uint8_t, 2 * kBlock> end_;  // as much of it as there is
};

}  // namespace bourse
