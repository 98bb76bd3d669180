// SPDX-License-Identifier: Apache-2.0
//
// The Merkle tree over a list, as RFC 6962 §2.1 defines it: leaves and nodes are hashed under
// different prefixes, so no node can pass for a leaf.
#pragma once

#include <span>
#include <vector>

#include "base/ids.hpp"

namespace bourse {

/// SHA-256(0x00 ‖ data) of each.
std::vector<Hash> merkle_leaves(std::span<const ByteView> list);

/// The root over leaf hashes in order; SHA-256 of nothing for an empty list.
Hash merkle_root(std::vector<Hash> leaves);

}  // namespace bourse
