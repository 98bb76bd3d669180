// SPDX-License-Identifier: Apache-2.0
//
// Goal: the same seed and path give the same key as in every other wallet.
// Method: all official vectors, derived from secrets and, where the path allows, from public keys;
// every invalid extended key of the standard is refused; paths at the limits of an index.
#include "base/bip32.hpp"

#include <gtest/gtest.h>

#include "tests/support/vectors.hpp"

namespace bourse {
namespace {

ExtendedKey without_secret(ExtendedKey key) {
  key.secret.reset();
  return key;
}

TEST(Bip32, OfficialVectors) {
  const Json vectors = test::vector_json("bip32.json");
  EXPECT_GE(vectors.at("valid").size(), 17U);
  for (const Json& entry : vectors.at("valid")) {
    const Bytes seed = test::unhex(entry.at("seed").get<std::string>());
    ExtendedKey key = master_key(seed).value();
    for (const std::uint32_t index : parse_path(entry.at("path").get<std::string>()).value()) {
      const ExtendedKey child = derive_child(key, index).value();
      if (index < kHardened) {
        EXPECT_EQ(derive_child(without_secret(key), index).value(), without_secret(child));
      } else {
        EXPECT_EQ(derive_child(without_secret(key), index).error().kind, "bad_path");
      }
      key = child;
    }
    EXPECT_EQ(extended_key_text(key), entry.at("xprv").get<std::string>());
    EXPECT_EQ(extended_key_text(without_secret(key)), entry.at("xpub").get<std::string>());
    EXPECT_EQ(parse_extended_key(entry.at("xprv").get<std::string>()).value(), key);
    EXPECT_EQ(parse_extended_key(entry.at("xpub").get<std::string>()).value(), without_secret(key));
  }
}

TEST(Bip32, OfficialInvalidKeys) {
  const Json vectors = test::vector_json("bip32.json");
  EXPECT_EQ(vectors.at("invalid").size(), 16U);
  for (const Json& entry : vectors.at("invalid")) {
    EXPECT_EQ(parse_extended_key(entry.at("key").get<std::string>()).error().kind,
              "bad_extended_key")
        << entry;
  }
}

TEST(Bip32, RefusesTextThatIsNoKey) {
  const std::string good = extended_key_text(master_key(Bytes(16)).value());
  EXPECT_TRUE(parse_extended_key(good).has_value());
  for (const std::string& bad : {std::string(), std::string("x"), good.substr(1), good + "1",
                                 "1" + good, good + " ", std::string(100'000, 'z')}) {
    EXPECT_EQ(parse_extended_key(bad).error().kind, "bad_extended_key") << bad.substr(0, 120);
  }
  std::string zero = good;
  zero[10] = '0';  // not in the alphabet of base 58
  EXPECT_EQ(parse_extended_key(zero).error().kind, "bad_extended_key");
}

TEST(Bip32, SeedSizes) {
  EXPECT_EQ(master_key(Bytes(15)).error().kind, "bad_seed");
  EXPECT_TRUE(master_key(Bytes(16)).has_value());
  EXPECT_TRUE(master_key(Bytes(64)).has_value());
  EXPECT_EQ(master_key(Bytes(65)).error().kind, "bad_seed");
}

TEST(Bip32, Paths) {
  using Indexes = std::vector<std::uint32_t>;
  EXPECT_EQ(parse_path("m").value(), Indexes{});
  EXPECT_EQ(parse_path("m/44'/1h/0").value(), (Indexes{44 + kHardened, 1 + kHardened, 0}));
  EXPECT_EQ(parse_path("m/2147483647'").value(), Indexes{0xffffffff});
  for (const char* bad : {"", "/", "m/", "44'", "M/0", "m0", "m/0/", "m//0", "m/-1", "m/+1", "m/ 1",
                          "m/a", "m/0''", "m/0'1", "m/2147483648", "m/4294967296", "m/0 "}) {
    EXPECT_EQ(parse_path(bad).error().kind, "bad_path") << bad;
  }
}

TEST(Bip32, DepthEndsAt255) {
  std::string path = "m";
  for (int i = 0; i < 255; ++i) path += "/0";
  EXPECT_EQ(parse_path(path).value().size(), 255U);
  EXPECT_EQ(parse_path(path + "/0").error().kind, "bad_path");
  ExtendedKey key = master_key(Bytes(32)).value();
  key.depth = 254;
  key = derive_child(key, 0).value();
  EXPECT_EQ(key.depth, 255);
  EXPECT_EQ(derive_child(key, 0).error().kind, "bad_path");
}

TEST(Bip32, DeriveSecretFollowsThePath) {
  const Seed seed{hmac_sha512(as_bytes("any"), as_bytes("seed"))};
  ExtendedKey key = master_key(seed.bytes).value();
  for (const std::uint32_t index : {44 + kHardened, 0U}) key = derive_child(key, index).value();
  EXPECT_EQ(derive_secret(seed, "m/44'/0").value(), *key.secret);
  EXPECT_EQ(derive_secret(seed, "44'/0").error().kind, "bad_path");
}

}  // namespace
}  // namespace bourse
