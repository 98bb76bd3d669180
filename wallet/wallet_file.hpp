// SPDX-License-Identifier: Apache-2.0
//
// A wallet on disk: the entropy of its BIP39 words in a keystore, `<home>/wallets/<name>.json`. Its
// accounts are BIP44 keys m/44'/coin'/0'/0/i; the label shows the address of account 0.
#pragma once

#include <filesystem>
#include <vector>

#include "base/ids.hpp"
#include "wallet/keystore.hpp"

namespace bourse::wallet {

/// SLIP-44: 1 is every coin's test network. Bourse has no number of its own yet.
inline constexpr std::uint32_t kCoinType = 1;

/// An account's key, wiped from memory when it goes.
struct Signer {
  SecretKey key;
  Address address;

  Signer(const SecretKey& secret, const Address& account) : key(secret), address(account) {}
  Signer(const Signer&) = default;
  Signer& operator=(const Signer&) = default;
  ~Signer();
};

std::string account_path(std::uint32_t index);
/// Error kinds: bad_entropy, bad_path (an index of 2^31 and more).
Result<Signer> derive_signer(ByteView entropy, std::uint32_t index);

/// Where the wallet of that name is. Error kind: wallet_name_invalid (letters, digits, - and _).
Result<std::filesystem::path> wallet_path(const std::filesystem::path& home,
                                          const std::string& name);
/// Writes a new wallet and returns the address of its account 0. Error kind: file_exists.
Result<Address> create_wallet(const std::filesystem::path& path, ByteView entropy,
                              std::string_view password, const ScryptCost& cost = {});
/// Error kinds: wallet_not_found; those of open_keystore(); keystore_bad_value when the label does
/// not belong to the secret.
Result<Signer> open_wallet(const std::filesystem::path& path, std::string_view password,
                           std::uint32_t index);
/// The address of account 0, as the label says it. Nothing vouches for it until the wallet is
/// opened.
Result<Address> wallet_address(const std::filesystem::path& path);

struct WalletEntry {
  std::string name;
  Address address;
};
/// By name; files that are no wallets are left out.
std::vector<WalletEntry> list_wallets(const std::filesystem::path& home);

}  // namespace bourse::wallet
