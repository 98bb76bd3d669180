// SPDX-License-Identifier: Apache-2.0
#include "base/id_hash.hpp"

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

}  // namespace bourse
