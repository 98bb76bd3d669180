// SPDX-License-Identifier: Apache-2.0
//
// Signed transactions for a chain of the benchmark, one after another in the order in which they
// can be executed: the senders take turns, and each counts its nonces up.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "bench/senders.hpp"
#include "chain/tx.hpp"
#include "market/genesis.hpp"

namespace bourse::bench {

/// One transfer of a few grains to one of the senders or of `others` other accounts.
std::vector<Bytes> transfers(const Senders& senders, const Hash& chain, std::size_t count,
                             std::size_t others = 0);

/// Ten operations in each. The first of a sender registers a provider and posts nine offers; each
/// later one cancels the oldest offer, posts a new one and changes the other eight: a market whose
/// offers are mostly priced anew.
inline constexpr std::size_t kMarketOperations = 10;
std::vector<Bytes> market_operations(const Senders& senders, const Hash& chain, std::size_t count);

chain::Operation register_provider(const Address& owner);
/// Offers of the provider that the owner's transaction `registered` has registered first of all.
std::vector<chain::Operation> post_offers(const Address& owner, Nonce registered,
                                          std::size_t count);
OfferId offer_id(const Address& owner, Nonce nonce, std::uint32_t operation);

/// A genesis in which each sender has 100 BRS, and so has each of `others` accounts whose keys
/// nobody has. Parameters are the default ones.
market::Genesis genesis(const Senders& senders, std::size_t others = 0);
Address other_account(std::size_t number);
SecretKey validator_seed();

/// The signed bytes of `operations` from `sender`, valid for most of a day from now.
Bytes sign(const Senders& senders, const Hash& chain, std::size_t sender, Nonce nonce,
           std::vector<chain::Operation> operations);

Result<void> write_stream(const std::filesystem::path& file, const std::vector<Bytes>& stream);
Result<std::vector<Bytes>> read_stream(const std::filesystem::path& file);

}  // namespace bourse::bench
