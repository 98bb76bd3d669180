// SPDX-License-Identifier: Apache-2.0
//
// The dev chain: ten funded accounts whose keys everybody knows. It exists to try things out on one
// machine, and nothing of it is accepted on any other network.
#pragma once

#include <vector>

#include "market/genesis.hpp"

namespace bourse::market {

inline constexpr std::string_view kDevMnemonic =
    "test test test test test test test test test test test junk";
inline constexpr std::uint32_t kDevAccounts = 10;
inline constexpr std::uint64_t kDevBalanceBrs = 10'000;

/// The secret of dev account `index`: the mnemonic at m/44'/1'/0'/0/index.
SecretKey dev_key(std::uint32_t index);
/// The seed of the dev validator's consensus key.
SecretKey dev_consensus_seed();

/// A genesis with the dev accounts and short delays. `time` and `salt` keep two dev chains apart.
Genesis dev_genesis(TimeMs time, Bytes salt);

}  // namespace bourse::market
