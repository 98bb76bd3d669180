// SPDX-License-Identifier: Apache-2.0
#include "base/id_hash.hpp"

#include <algorithm>
#include <bit>

#include "base/crypto.hpp"

namespace bourse {

std::uint64_t id_hash_key() {
  static const std::uint64_t key = [] {
    std::array<std::uint8_t, 8> bytes;
    random_bytes(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }();
  return key;
}

std::size_t bytes_hash(ByteView bytes) {
  static const std::uint64_t key = id_hash_key();
  std::uint64_t sum = bytes.size();
  while (!bytes.empty()) {
    FixedBytes<8, struct WordTag> word{};
    const std::size_t count = std::min(bytes.size(), word.size());
    std::memcpy(word.data(), bytes.data(), count);
    bytes = bytes.subspan(count);
    // Without the key nobody can tell which words make equal sums.
    sum = IdHash{}(word) ^ std::rotl(sum * (key | 1), 29);
  }
  return sum;
}

}  // namespace bourse
