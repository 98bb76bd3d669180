// SPDX-License-Identifier: Apache-2.0
#include "base/merkle.hpp"

#include <bit>

#include "base/crypto.hpp"

namespace bourse {

Hash merkle_leaf(ByteView data) {
  static constexpr std::uint8_t prefix[] = {0};
  return Sha256().update(prefix).update(data).finish();
}

Hash merkle_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return sha256({});
  if (leaves.size() == 1) return leaves[0];
  // The left half is the largest power of two smaller than the list.
  const std::size_t split = std::bit_floor(leaves.size() - 1);
  static constexpr std::uint8_t prefix[] = {1};
  return Sha256()
      .update(prefix)
      .update(merkle_root(leaves.first(split)).bytes)
      .update(merkle_root(leaves.subspan(split)).bytes)
      .finish();
}

}  // namespace bourse
