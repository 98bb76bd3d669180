// SPDX-License-Identifier: Apache-2.0
//
// Goal: a wallet gives the keys of its words and no others, and an exchanged file is noticed.
// Method: the public test words of BIP39 with addresses that base/bip32 derives, then files that
// were tampered with.
#include "wallet/wallet_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/bip32.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::wallet {
namespace {

namespace fs = std::filesystem;

constexpr ScryptCost kCheap{2, 1, 1};
constexpr std::string_view kPassword = "correct horse battery";

Bytes entropy(std::uint8_t fill) { return Bytes(16, fill); }

Address expected_address(const Bytes& secret, const std::string& path) {
  const Seed seed = seed_from_entropy(secret, "").value();
  return public_key(derive_secret(seed, path).value()).value();
}

TEST(WalletFile, AccountsAreBip44Keys) {
  const test::TempDir home;
  const auto path = wallet_path(home.path(), "savings").value();
  EXPECT_EQ(path, home / "wallets" / "savings.json");
  const Address address = create_wallet(path, entropy(0), kPassword, kCheap).value();
  EXPECT_EQ(address, expected_address(entropy(0), "m/44'/1'/0'/0/0"));
  EXPECT_EQ(wallet_address(path).value(), address);
  for (const std::uint32_t index : {0U, 1U, kHardened - 1}) {
    const Signer signer = open_wallet(path, kPassword, index).value();
    EXPECT_EQ(signer.address,
              expected_address(entropy(0), "m/44'/1'/0'/0/" + std::to_string(index)));
    EXPECT_EQ(public_key(signer.key).value(), signer.address);
  }
  EXPECT_EQ(open_wallet(path, kPassword, kHardened).error().kind, "bad_path");
}

TEST(WalletFile, IsPrivateAndNeverReplaced) {
  const test::TempDir home;
  const auto path = wallet_path(home.path(), "a").value();
  ASSERT_TRUE(create_wallet(path, entropy(0), kPassword, kCheap));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat(path.parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  EXPECT_EQ(create_wallet(path, entropy(1), kPassword, kCheap).error().kind, "file_exists");
}

TEST(WalletFile, Errors) {
  const test::TempDir home;
  const auto path = wallet_path(home.path(), "a").value();
  EXPECT_EQ(open_wallet(path, kPassword, 0).error().kind, "wallet_not_found");
  EXPECT_EQ(wallet_address(path).error().kind, "wallet_not_found");
  EXPECT_EQ(create_wallet(path, Bytes(15), kPassword, kCheap).error().kind, "bad_entropy");
  ASSERT_TRUE(create_wallet(path, entropy(0), kPassword, kCheap));
  EXPECT_EQ(open_wallet(path, "wrong horse battery", 0).error().kind, "wrong_password");
}

TEST(WalletFile, AnotherAddressOnTheLabelIsNoticed) {
  const test::TempDir home;
  const auto path = wallet_path(home.path(), "a").value();
  const auto other = wallet_path(home.path(), "b").value();
  ASSERT_TRUE(create_wallet(path, entropy(0), kPassword, kCheap));
  const Address foreign = create_wallet(other, entropy(1), kPassword, kCheap).value();
  Json file = parse_json(load_keystore(path).value()).value();
  file["pubkey"] = to_hex(foreign.bytes);
  fs::remove(path);
  ASSERT_TRUE(save_keystore(path, dump_json(file)));
  EXPECT_EQ(open_wallet(path, kPassword, 0).error().kind, "keystore_bad_value");

  file["pubkey"] = "00";
  fs::remove(path);
  ASSERT_TRUE(save_keystore(path, dump_json(file)));
  EXPECT_EQ(wallet_address(path).error().kind, "keystore_bad_value");
  EXPECT_EQ(open_wallet(path, kPassword, 0).error().kind, "keystore_bad_value");
}

TEST(WalletFile, NamesCannotLeaveTheDirectory) {
  for (const char* name : {"", ".", "..", "../a", "a/b", "a.json", "a b", "ä"}) {
    EXPECT_EQ(wallet_path("/home", name).error().kind, "wallet_name_invalid") << name;
  }
  EXPECT_TRUE(wallet_path("/home", std::string(64, 'a')));
  EXPECT_EQ(wallet_path("/home", std::string(65, 'a')).error().kind, "wallet_name_invalid");
}

TEST(WalletFile, TheListHasWalletsOnly) {
  const test::TempDir home;
  EXPECT_TRUE(list_wallets(home.path()).empty());
  const Address b =
      create_wallet(home / "wallets" / "b.json", entropy(1), kPassword, kCheap).value();
  const Address a =
      create_wallet(home / "wallets" / "a.json", entropy(0), kPassword, kCheap).value();
  std::ofstream(home / "wallets" / "notes.json") << "{}";
  std::ofstream(home / "wallets" / "readme.txt") << "x";
  const auto list = list_wallets(home.path());
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "a");
  EXPECT_EQ(list[0].address, a);
  EXPECT_EQ(list[1].address, b);
}

}  // namespace
}  // namespace bourse::wallet
