// SPDX-License-Identifier: Apache-2.0
//
// What the store writes beside blocks and checkpoint pieces; nobody else needs these.
#pragma once

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::chain {

/// Changes whenever a program of the previous version could not read what this one writes.
inline constexpr std::uint8_t kStoreFormat = 5;

struct StoreIdentity {
  std::uint8_t format = kStoreFormat;
  Hash chain_id;

  static constexpr auto fields() {
    return std::tuple{field("format", &StoreIdentity::format, "Version of the layout."),
                      field("chain_id", &StoreIdentity::chain_id, "The chain stored here.")};
  }
};

/// What a checkpoint says of itself, in its last row.
struct CheckpointMark {
  Height height;
  Hash state_root;
  std::uint64_t transactions = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("height", &CheckpointMark::height, "The block that the state follows."),
        field("state_root", &CheckpointMark::state_root, "Root of the state."),
        field("transactions", &CheckpointMark::transactions, "In all blocks up to it.")};
  }
};

}  // namespace bourse::chain
