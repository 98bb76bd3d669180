// SPDX-License-Identifier: Apache-2.0
//
// The hash of ids and keys in hash tables. Whoever makes an id can choose its bits by trying, so
// the hash is keyed with a secret of the process: nobody can aim at one slot of another's table.
// The order in such a table is therefore different in every process, and nothing may depend on it.
#pragma once

#include <cstring>

#include "base/bytes.hpp"

namespace bourse {

/// Chosen once per process.
std::uint64_t id_hash_key();

struct IdHash {
  template <std::size_t N, class Tag>
  std::size_t operator()(const FixedBytes<N, Tag>& id) const {
    static_assert(N >= 8);
    static const std::uint64_t key = id_hash_key();
    std::uint64_t head = 0;
    std::memcpy(&head, id.data(), sizeof head);
    // Both halves of the product depend on every bit of id and key.
    const auto product = static_cast<unsigned __int128>(head ^ key) * (key | 1);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
};

/// The same for bytes of any number.
std::size_t bytes_hash(ByteView bytes);

}  // namespace bourse
