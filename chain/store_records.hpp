// SPDX-License-Identifier: Apache-2.0
//
// What the store writes beside blocks and checkpoint pieces; nobody else needs these.
#pragma once

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::chain {

/// Changes whenever a program of the previous version could not read what this one writes.
inline constexpr std::uint8_t kStoreFormat = 1;

struct StoreIdentity {
  std::uint8_t format = kStoreFormat;
  Hash chain_id;

  static constexpr auto fields() {
    return std::tuple{field("format", &StoreIdentity::format, "Version of the layout."),
                      field("chain_id", &StoreIdentity::chain_id, "The chain stored here.")};
  }
};

/// Says that a checkpoint is complete; written after its pieces.
struct CheckpointMark {
  Height height;
  Hash state_root;
  std::uint32_t pieces = 0;
  Hash digest;

  static constexpr auto fields() {
    return std::tuple{
        field("height", &CheckpointMark::height, "The block that the state follows."),
        field("state_root", &CheckpointMark::state_root, "Root of the state."),
        field("pieces", &CheckpointMark::pieces, "How many pieces there are."),
        field("digest", &CheckpointMark::digest, "SHA-256 of the pieces one after another.")};
  }
};

}  // namespace bourse::chain
