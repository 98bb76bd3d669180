// SPDX-License-Identifier: Apache-2.0
//
// The text of an address: bech32m (BIP350) with one prefix per network. Its checksum finds every
// mistake of up to four characters, and the prefix keeps test money out of main accounts.
#pragma once

#include "base/ids.hpp"
#include "base/result.hpp"

namespace bourse {

/// A prefix and values of 5 bits each.
struct Bech32m {
  std::string prefix;
  Bytes values;
};

std::string encode_bech32m(const Bech32m& parts);
/// Refuses with `bad_address` whatever BIP350 does; the prefix comes back in lower case.
Result<Bech32m> decode_bech32m(std::string_view text);

/// "main", "test" or "dev".
std::string_view network_name(Network network);

std::string address_text(const Address& address, Network network);
/// Errors: `bad_address`, or `wrong_network` for a sound address of another network.
Result<Address> parse_address(std::string_view text, Network network);

}  // namespace bourse
