// SPDX-License-Identifier: Apache-2.0
#include "chain/state_root.hpp"

#include "base/crypto.hpp"

namespace bourse::chain {

Hash state_key(std::string_view table, ByteView key) {
  // The table's name and a zero byte come first: names hold no zero, so no two pairs collide.
  static constexpr std::uint8_t separator[] = {0};
  return tagged_hash("bourse/key", {as_bytes(table), separator, key});
}

Hash StateRoot::root() const {
  Sha256 sum;
  for (const auto& [key, value] : leaves_) sum.update(key.bytes).update(value.bytes);
  return sum.finish();
}

}  // namespace bourse::chain
