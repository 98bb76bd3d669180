// SPDX-License-Identifier: Apache-2.0
//
// The genesis: who has what, who makes blocks and by which numbers, before the first block. Its
// canonical CBOR, not its JSON text, names the chain. SPEC 2.3.
#pragma once

#include <string>
#include <vector>

#include "base/json_fields.hpp"
#include "market/record/globals.hpp"

namespace bourse::market {

struct GenesisAccount {
  Address address;
  Amount balance;

  static constexpr auto fields() {
    return std::tuple{field("address", &GenesisAccount::address, "The account."),
                      field("balance", &GenesisAccount::balance, "Grains that it starts with.")};
  }
};

struct Genesis {
  Network network = Network::dev;
  std::string name;
  TimeMs time;
  Bytes salt;
  Params params;
  std::vector<Validator> validators;
  std::vector<GenesisAccount> accounts;

  static constexpr auto fields() {
    return std::tuple{
        field("network", &Genesis::network, "main, test or dev: it chooses the address prefix."),
        field("name", &Genesis::name, "A name for people."),
        field("time", &Genesis::time, "Time before the first block, in ms."),
        field("salt", &Genesis::salt, "Makes two chains of equal content differ; may be empty."),
        field("params", &Genesis::params, "The chain parameters."),
        field("validators", &Genesis::validators, "Who makes blocks; one for the solo engine."),
        field("accounts", &Genesis::accounts, "Who has what, in ascending order of address.")};
  }
};

/// Tagged hash `bourse/genesis` of the canonical CBOR.
Hash chain_id(const Genesis& genesis);

/// Reads the JSON text of a genesis and checks it. Error kinds: those of parse_json, json_field,
/// genesis_invalid.
Result<Genesis> parse_genesis(std::string_view text);

/// Error kind genesis_invalid: no validator, duplicate accounts, a supply of zero or 2^63 and more,
/// parameters that make no sense.
Result<void> check_genesis(const Genesis& genesis);

/// The sum of the balances of a checked genesis.
Amount supply(const Genesis& genesis);

}  // namespace bourse::market
