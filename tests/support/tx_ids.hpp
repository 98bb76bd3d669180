// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "chain/tx.hpp"

namespace bourse::test {

inline std::vector<Hash> tx_ids(std::span<const Bytes> raws) {
  std::vector<Hash> out;
  for (const Bytes& raw : raws) out.push_back(chain::tx_id(raw));
  return out;
}

}  // namespace bourse::test
