// SPDX-License-Identifier: Apache-2.0
//
// Goal: a keystore opens with its password here and in other tools, never gives a wrong secret for
// a damaged file unnoticed, and a crafted file cannot exhaust the machine.
// Method: the official vectors of ERC-2335 at their full cost, then a cheap keystore that is taken
// apart field by field and mutated 10,000 times.
#include "wallet/keystore.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "tests/support/vectors.hpp"

namespace bourse::wallet {
namespace {

namespace fs = std::filesystem;

constexpr ScryptCost kCheap{2, 1, 1};
constexpr std::string_view kPassword = "correct horse battery";
const KeystoreLabel kLabel{"savings", "f930", "m/44'/1'/0'/0/0"};

const Bytes& secret() {
  static const Bytes bytes = test::unhex("000102030405060708090a0b0c0d0e0f");
  return bytes;
}

Json cheap_keystore() {
  return parse_json(create_keystore(secret(), kPassword, kLabel, kCheap).value()).value();
}

std::string open_kind(const Json& keystore, std::string_view password = kPassword) {
  return open_keystore(dump_json(keystore), password).error().kind;
}

TEST(Keystore, OfficialVectors) {
  const Json vectors = test::vector_json("eip2335.json");
  const auto password = vectors.at("password").get<std::string>();
  EXPECT_EQ(vectors.at("keystores").size(), 2U);
  for (const Json& keystore : vectors.at("keystores")) {
    EXPECT_EQ(to_hex(open_keystore(dump_json(keystore), password).value()),
              vectors.at("secret_hex").get<std::string>());
  }
  // The PBKDF2 one, which is cheaper: the password as the standard encodes it, and with the
  // control codes that it drops.
  const Json& cheaper = vectors.at("keystores").at(1);
  const Bytes encoded = test::unhex(vectors.at("encoded_password_hex").get<std::string>());
  EXPECT_EQ(open_kind(cheaper, as_text(encoded)), "");
  EXPECT_EQ(open_kind(cheaper,
                      "\x01test\x7fpass\u0080wor\u009f"
                      "d\n\U0001f511"),
            "");
  EXPECT_EQ(open_kind(cheaper, "testpassword"), "wrong_password");
}

TEST(Keystore, DefaultCostIsTheOneOfTheDesign) {
  const auto text = create_keystore(secret(), kPassword, kLabel).value();
  const Json params = parse_json(text).value().at("crypto").at("kdf").at("params");
  EXPECT_EQ(params.at("n"), 262144U);
  EXPECT_EQ(params.at("r"), 8U);
  EXPECT_EQ(params.at("p"), 1U);
  EXPECT_EQ(open_keystore(text, kPassword).value(), secret());
}

TEST(Keystore, RoundTripsSecretsOfEverySize) {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 24U, 32U, 64U}) {
    const Bytes bytes(size, 0xa5);
    const auto text = create_keystore(bytes, kPassword, kLabel, kCheap).value();
    EXPECT_EQ(open_keystore(text, kPassword).value(), bytes);
    EXPECT_EQ(keystore_label(text).value(), kLabel);
  }
}

TEST(Keystore, HidesTheSecret) {
  const auto text = create_keystore(secret(), kPassword, kLabel, kCheap).value();
  EXPECT_EQ(text.find(to_hex(secret())), std::string::npos);
}

TEST(Keystore, NoTwoAreAlike) {
  const Json a = cheap_keystore();
  const Json b = cheap_keystore();
  EXPECT_NE(a.at("uuid"), b.at("uuid"));
  for (const char* where : {"/crypto/kdf/params/salt", "/crypto/cipher/params/iv",
                            "/crypto/cipher/message", "/crypto/checksum/message"}) {
    EXPECT_NE(a.at(Json::json_pointer(where)), b.at(Json::json_pointer(where))) << where;
  }
  const auto uuid = a.at("uuid").get<std::string>();
  EXPECT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

TEST(Keystore, PasswordsAreUnicodeAndNotEmpty) {
  const auto text = create_keystore(secret(), "caf\u00e9", kLabel, kCheap).value();
  EXPECT_TRUE(open_keystore(text, "cafe\u0301\r\n").has_value());
  EXPECT_EQ(open_keystore(text, "cafe").error().kind, "wrong_password");
  EXPECT_EQ(open_keystore(text, "").error().kind, "wrong_password");
  EXPECT_EQ(open_keystore(text, "\xc2").error().kind, "bad_utf8");
  EXPECT_EQ(create_keystore(secret(), "", kLabel, kCheap).error().kind, "password_empty");
  EXPECT_EQ(create_keystore(secret(), "\n", kLabel, kCheap).error().kind, "password_empty");
}

TEST(Keystore, AThousandWrongPasswordsOpenNothing) {
  const std::string text = dump_json(cheap_keystore());
  for (int i = 0; i < 1000; ++i) {
    const std::string wrong = std::string(kPassword) + std::to_string(i);
    EXPECT_EQ(open_keystore(text, wrong).error().kind, "wrong_password");
  }
}

TEST(Keystore, EveryFieldIsNeededAndNoOtherIsTaken) {
  for (const char* object : {"", "/crypto", "/crypto/kdf", "/crypto/checksum", "/crypto/cipher",
                             "/crypto/kdf/params", "/crypto/cipher/params"}) {
    const Json::json_pointer where(object);
    const Json good = cheap_keystore();
    for (const auto& [name, value] : good.at(where).items()) {
      Json bad = good;
      bad.at(where).erase(name);
      const bool optional = name == "description" || name == "pubkey";
      EXPECT_EQ(open_kind(bad), optional ? "" : "keystore_missing_field") << object << name;
    }
    Json bad = good;
    bad.at(where)["extra"] = 1;
    EXPECT_EQ(open_kind(bad), "keystore_unknown_field") << object;
  }
  Json bad = cheap_keystore();
  bad.at("crypto").at("checksum").at("params")["extra"] = 1;
  EXPECT_EQ(open_kind(bad), "keystore_unknown_field");
}

TEST(Keystore, RefusesValuesThatAreNotAllowed) {
  const std::vector<std::pair<const char*, Json>> changes{
      {"/version", 3},
      {"/version", "4"},
      {"/uuid", 1},
      {"/path", nullptr},
      {"/pubkey", 1},
      {"/description", Json::array()},
      {"/crypto", "text"},
      {"/crypto/kdf", Json::array()},
      {"/crypto/kdf/function", "argon2id"},
      {"/crypto/kdf/message", "00"},
      {"/crypto/kdf/params", nullptr},
      {"/crypto/kdf/params/dklen", 31},
      {"/crypto/kdf/params/dklen", 33},
      {"/crypto/kdf/params/n", 0},
      {"/crypto/kdf/params/n", -2},
      {"/crypto/kdf/params/n", "2"},
      {"/crypto/kdf/params/r", 0},
      {"/crypto/kdf/params/p", 0},
      {"/crypto/kdf/params/salt", ""},
      {"/crypto/kdf/params/salt", "0"},
      {"/crypto/kdf/params/salt", "zz"},
      {"/crypto/kdf/params/salt", std::string(258, '0')},
      {"/crypto/checksum/function", "sha512"},
      {"/crypto/checksum/message", "00"},
      {"/crypto/cipher/function", "aes-256-ctr"},
      {"/crypto/cipher/params/iv", std::string(30, '0')},
      {"/crypto/cipher/params/iv", std::string(34, '0')},
      {"/crypto/cipher/message", ""},
  };
  for (const auto& [where, value] : changes) {
    Json bad = cheap_keystore();
    bad.at(Json::json_pointer(where)) = value;
    EXPECT_EQ(open_kind(bad), "keystore_bad_value") << where << " = " << value;
  }
  for (const char* text : {"[]", "null", "4"}) {
    EXPECT_EQ(open_keystore(text, kPassword).error().kind, "keystore_bad_value");
  }
  EXPECT_EQ(open_keystore("", kPassword).error().kind, "json_syntax");
  EXPECT_EQ(open_keystore(std::string(65537, ' '), kPassword).error().kind, "keystore_bad_value");
  EXPECT_EQ(open_keystore(std::string(65536, ' '), kPassword).error().kind, "json_syntax");
}

TEST(Keystore, ACraftedCostIsRefusedAtOnce) {
  const auto kind = [](std::uint64_t n, std::uint64_t r, std::uint64_t p) {
    Json file = cheap_keystore();
    Json& params = file.at("crypto").at("kdf").at("params");
    params["n"] = n;
    params["r"] = r;
    params["p"] = p;
    return open_kind(file);
  };
  EXPECT_EQ(kind(3, 1, 1), "bad_kdf");
  EXPECT_EQ(kind(1 << 21, 8, 2), "bad_kdf");
  EXPECT_EQ(kind(std::uint64_t{1} << 31, std::uint64_t{1} << 31, 4), "bad_kdf");
  EXPECT_EQ(kind(std::uint64_t{1} << 40, 8, 1), "keystore_bad_value");

  Json file = test::vector_json("eip2335.json").at("keystores").at(1);
  Json& params = file.at("crypto").at("kdf").at("params");
  params["c"] = (1 << 24) + 1;
  EXPECT_EQ(open_kind(file), "keystore_bad_value");
  params["c"] = 0;
  EXPECT_EQ(open_kind(file), "keystore_bad_value");
  params["c"] = 1;
  EXPECT_EQ(open_kind(file), "wrong_password");
  params["prf"] = "hmac-sha512";
  EXPECT_EQ(open_kind(file), "keystore_bad_value");
}

TEST(Keystore, MutatedFilesNeverGiveAnotherSecret) {
  std::mt19937_64 random(3);
  const Json keystore = cheap_keystore();
  const std::string good = dump_json(keystore);
  const auto iv_of = [](const Json& file) {
    return from_hex(file.at("crypto").at("cipher").at("params").at("iv").get<std::string>());
  };
  int opened = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string bad = good;
    bad[random() % bad.size()] = static_cast<char>(32 + random() % 95);
    const auto result = open_keystore(bad, kPassword);
    if (!result.has_value()) continue;
    ++opened;
    // The standard's checksum leaves the IV out, so there the label's public key must tell.
    const bool same_iv = iv_of(parse_json(bad).value()) == iv_of(keystore);
    EXPECT_EQ(*result == secret(), same_iv) << bad;
  }
  // What may change without harm: the four texts of the label, and upper case in hex.
  EXPECT_LT(opened, 3000);
}

TEST(Keystore, FilesArePrivateAndNeverReplaced) {
  std::string dir = (fs::temp_directory_path() / "bourse-keystore-XXXXXX").string();
  ASSERT_NE(::mkdtemp(dir.data()), nullptr);
  const fs::path path = fs::path(dir) / "key.json";
  const std::string text = dump_json(cheap_keystore());
  ASSERT_TRUE(save_keystore(path, text).has_value());
  EXPECT_EQ(load_keystore(path).value(), text);
  EXPECT_EQ(save_keystore(path, "other").error().kind, "file_exists");
  EXPECT_EQ(load_keystore(path).value(), text);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(load_keystore(path).error().kind, "file_not_private");
  fs::remove_all(dir);
}

}  // namespace
}  // namespace bourse::wallet
