// SPDX-License-Identifier: Apache-2.0
#include "market/genesis.hpp"

#include <set>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/resources.hpp"

namespace bourse::market {
namespace {

Error invalid(std::string why) { return Error{"genesis_invalid", "genesis: " + std::move(why)}; }

Result<void> check_params(const Params& params) {
  for (const std::uint32_t permille : {params.late_permille, params.inconclusive_permille}) {
    if (permille > 1000) return invalid("late_permille and inconclusive_permille are at most 1000");
  }
  if (params.bond_permille > 100'000) return invalid("bond_permille is at most 100000");
  if (params.timer_fires_max == 0 || params.match_evaluations_max == 0 ||
      params.block_bytes_max < 128 * 1024 || params.block_weight_max == 0) {
    return invalid("the limits of a block must let work through");
  }
  if (params.fee_per_byte > kAmountMax || params.fee_per_weight > kAmountMax) {
    return invalid("a fee is above any supply");
  }
  constexpr std::uint64_t year_ms = 366ULL * 24 * 3600 * 1000;
  Result<void> result;
  for_each_field(params, [&](const auto& field, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, DurationMs>) {
      if (value.value() > year_ms) result = invalid(std::string(field.name) + " is over a year");
    }
  });
  return result;
}

}  // namespace

Hash chain_id(const Genesis& genesis) { return tagged_hash("bourse/genesis", encode(genesis)); }

Result<void> check_genesis(const Genesis& genesis) {
  if (genesis.validators.empty()) return invalid("there is no validator");
  if (genesis.salt.size() > 32) return invalid("the salt is longer than 32 bytes");
  Amount total;
  const Address* last = nullptr;
  for (const GenesisAccount& account : genesis.accounts) {
    if (last && !(*last < account.address)) {
      return invalid("accounts are not in ascending order, or one stands twice");
    }
    last = &account.address;
    const auto sum = checked_add(total, account.balance);
    if (!sum || *sum > kAmountMax) return invalid("the supply must stay below 2^63 grains");
    total = *sum;
  }
  if (total == Amount{}) return invalid("nobody has anything");
  std::set<ConsensusKey> keys;
  for (const Validator& validator : genesis.validators) {
    if (!keys.insert(validator.key).second) return invalid("a validator stands twice");
    if (validator.account.is_zero()) return invalid("a validator has no account");
  }
  return check_params(genesis.params);
}

Result<Genesis> parse_genesis(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text));
  if (!json.is_object()) return invalid("it is not a JSON object");
  // The network comes first, because it says how the addresses in the rest are spelled.
  Network network{};
  const auto found = json.find("network");
  if (found == json.end()) return invalid("network is missing; it is main, test or dev");
  TRY(from_json(*found, network, JsonStyle{}));
  Genesis genesis;
  TRY(from_json(json, genesis, JsonStyle{network}));
  TRY(check_genesis(genesis));
  return genesis;
}

Amount supply(const Genesis& genesis) {
  Amount total;
  for (const GenesisAccount& account : genesis.accounts) total += account.balance;
  return total;
}

}  // namespace bourse::market
