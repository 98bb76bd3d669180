// SPDX-License-Identifier: Apache-2.0
#include "wallet/wallet_file.hpp"

#include <algorithm>
#include <cctype>

#include "base/bip32.hpp"
#include "base/crypto.hpp"

namespace bourse::wallet {
namespace {

constexpr std::size_t kNameMax = 64;

Result<std::string> load(const std::filesystem::path& path) {
  auto text = load_keystore(path);
  if (!text && text.error().kind == "file_not_found") {
    return Error{"wallet_not_found", "there is no wallet " + path.string() +
                                         "; make one with `bourse wallet new`, or choose another "
                                         "with --wallet"};
  }
  return text;
}

Result<Address> address_of(const KeystoreLabel& label) {
  const auto bytes = from_hex(label.pubkey);
  const auto address = bytes ? Address::from(*bytes) : std::nullopt;
  if (!address || label.path != account_path(0)) {
    return Error{"keystore_bad_value", "the keystore is not a Bourse wallet: its path must be " +
                                           account_path(0) + " and its pubkey 32 bytes"};
  }
  return *address;
}

bool is_name(const std::string& name) {
  const auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= kNameMax && std::all_of(name.begin(), name.end(), is_word);
}

}  // namespace

Signer::~Signer() { secure_zero(key.data(), key.size()); }

std::string account_path(std::uint32_t index) {
  return "m/44'/" + std::to_string(kCoinType) + "'/0'/0/" + std::to_string(index);
}

Result<Signer> derive_signer(ByteView entropy, std::uint32_t index) {
  TRY_ASSIGN(Seed seed, seed_from_entropy(entropy, ""));
  const WipeOnExit wipe_seed(seed);
  TRY_ASSIGN(SecretKey key, derive_secret(seed, account_path(index)));
  const WipeOnExit wipe_key(key);
  TRY_ASSIGN(const Address address, public_key(key));
  return Signer(key, address);
}

Result<std::filesystem::path> wallet_path(const std::filesystem::path& home,
                                          const std::string& name) {
  if (!is_name(name)) {
    return Error{"wallet_name_invalid",
                 "a wallet's name is 1 to 64 letters, digits, hyphens and underscores"};
  }
  return home / "wallets" / (name + ".json");
}

Result<Address> create_wallet(const std::filesystem::path& path, ByteView entropy,
                              std::string_view password, const ScryptCost& cost) {
  TRY_ASSIGN(const Signer signer, derive_signer(entropy, 0));
  const KeystoreLabel label{"Bourse wallet: the entropy of BIP39 words",
                            to_hex(signer.address.bytes), account_path(0)};
  TRY_ASSIGN(const std::string keystore, create_keystore(entropy, password, label, cost));
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  if (!failure) {
    std::filesystem::permissions(path.parent_path(), std::filesystem::perms::owner_all, failure);
  }
  if (failure) {
    return Error{"file_error",
                 "Cannot create " + path.parent_path().string() + ": " + failure.message() + "."};
  }
  TRY(save_keystore(path, keystore));
  return signer.address;
}

Result<Signer> open_wallet(const std::filesystem::path& path, std::string_view password,
                           std::uint32_t index) {
  TRY_ASSIGN(const std::string text, load(path));
  TRY_ASSIGN(const KeystoreLabel label, keystore_label(text));
  TRY_ASSIGN(const Address labelled, address_of(label));
  TRY_ASSIGN(Bytes entropy, open_keystore(text, password));
  const WipeOnExit wipe(entropy);
  TRY_ASSIGN(const Signer first, derive_signer(entropy, 0));
  if (first.address != labelled) {
    return Error{"keystore_bad_value",
                 "the address on the wallet is not the one of its key: somebody changed " +
                     path.string() + "; restore it from its words"};
  }
  return derive_signer(entropy, index);
}

Result<Address> wallet_address(const std::filesystem::path& path) {
  TRY_ASSIGN(const std::string text, load(path));
  TRY_ASSIGN(const KeystoreLabel label, keystore_label(text));
  return address_of(label);
}

std::vector<WalletEntry> list_wallets(const std::filesystem::path& home) {
  std::vector<WalletEntry> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(home / "wallets", ignored)) {
    if (entry.path().extension() != ".json" || !is_name(entry.path().stem())) continue;
    if (const auto address = wallet_address(entry.path())) {
      out.push_back({entry.path().stem(), *address});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const WalletEntry& a, const WalletEntry& b) { return a.name < b.name; });
  return out;
}

}  // namespace bourse::wallet
