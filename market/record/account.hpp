// SPDX-License-Identifier: Apache-2.0
//
// An account is its key, and is never deleted: its nonce is what stops replays.
#pragma once

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::market {

struct Account {
  Address address;
  Nonce nonce;
  Amount balance;

  static constexpr std::string_view table = "account";
  const Address& key() const { return address; }
  Amount held() const { return balance; }

  static constexpr auto fields() {
    return std::tuple{
        field("address", &Account::address, "The account's key."),
        field("nonce", &Account::nonce, "How many transactions it has had in blocks."),
        field("balance", &Account::balance, "Grains that it can spend.")};
  }
};

}  // namespace bourse::market
