// SPDX-License-Identifier: Apache-2.0
//
// Goal: an address is read back as it was written, and a mistyped one never reads as another.
// Method: the official vectors of BIP350, round trips on every network, and 100,000 addresses with
// one to four mistakes, none of which may be accepted.
#include "base/bech32m.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/vectors.hpp"

namespace bourse {
namespace {

constexpr std::array kAllNetworks{Network::main, Network::test, Network::dev};
constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

Address random_address(std::mt19937_64& random) {
  Address address;
  for (std::uint8_t& byte : address.bytes) byte = static_cast<std::uint8_t>(random());
  return address;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string upper_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(Bech32m, OfficialVectors) {
  const Json vectors = test::vector_json("bip350_bech32m.json");
  for (const Json& text : vectors.at("valid")) {
    const auto parts = decode_bech32m(text.get<std::string>());
    ASSERT_TRUE(parts.has_value()) << text;
    EXPECT_EQ(encode_bech32m(*parts), lower_case(text.get<std::string>()));
  }
  for (const Json& entry : vectors.at("invalid")) {
    const Bytes bytes = test::unhex(entry.at("hex").get<std::string>());
    EXPECT_EQ(decode_bech32m(as_text(bytes)).error().kind, "bad_address") << entry;
  }
}

TEST(Bech32m, RefusesTheOlderChecksumOfBip173) {
  EXPECT_EQ(decode_bech32m("a12uel5l").error().kind, "bad_address");
}

TEST(Address, RoundTripOnEveryNetwork) {
  std::mt19937_64 random(1);
  for (const Network network : kAllNetworks) {
    for (int i = 0; i < 200; ++i) {
      const Address address = random_address(random);
      const std::string text = address_text(address, network);
      EXPECT_EQ(parse_address(text, network).value(), address);
      EXPECT_EQ(parse_address(upper_case(text), network).value(), address);
    }
  }
  EXPECT_TRUE(address_text({}, Network::main).starts_with("brs1"));
  EXPECT_TRUE(address_text({}, Network::test).starts_with("brst1"));
  EXPECT_TRUE(address_text({}, Network::dev).starts_with("brsd1"));
}

TEST(Address, OfAnotherNetworkSaysWhichOne) {
  for (const Network from : kAllNetworks) {
    for (const Network to : kAllNetworks) {
      const auto result = parse_address(address_text({}, from), to);
      EXPECT_EQ(result.has_value(), from == to);
      if (from == to) continue;
      EXPECT_EQ(result.error().kind, "wrong_network");
      const std::string expected = "of the " + std::string(network_name(from)) + " network";
      EXPECT_NE(result.error().message.find(expected), std::string::npos);
    }
  }
}

TEST(Address, RefusesOtherSizesPaddingAndPrefixes) {
  const auto kind = [](std::string prefix, std::size_t size, std::uint8_t last) {
    Bech32m parts{std::move(prefix), Bytes(size)};
    parts.values.back() = last;
    return parse_address(encode_bech32m(parts), Network::main).error().kind;
  };
  // 32 bytes are 51 values and one bit, then four bits of padding that must be zero.
  EXPECT_EQ(kind("brs", 52, 0), "");
  EXPECT_EQ(kind("brs", 52, 1), "bad_address");
  EXPECT_EQ(kind("brs", 52, 8), "bad_address");
  EXPECT_EQ(kind("brs", 52, 16), "");
  EXPECT_EQ(kind("brs", 51, 0), "bad_address");
  EXPECT_EQ(kind("brs", 53, 0), "bad_address");
  EXPECT_EQ(kind("brs", 54, 0), "bad_address");
  EXPECT_EQ(kind("bc", 52, 0), "bad_address");
  EXPECT_EQ(parse_address("", Network::main).error().kind, "bad_address");
}

TEST(Address, NoMistakeOfUpToFourCharactersIsAccepted) {
  std::mt19937_64 random(2);
  int accepted = 0;
  for (int round = 0; round < 100'000; ++round) {
    const Network network = kAllNetworks[random() % kAllNetworks.size()];
    const std::string good = address_text(random_address(random), network);
    std::string bad = good;
    const std::size_t mistakes = 1 + random() % 4;
    for (std::size_t i = 0; i < mistakes; ++i) {
      // Half of the mistakes are characters that an address may hold, the rest any that is typed.
      const std::size_t start = good.rfind('1') + 1;
      const bool plausible = random() % 2 == 0;
      const std::size_t place =
          plausible ? start + random() % (good.size() - start) : random() % good.size();
      bad[place] = plausible ? kAlphabet[random() % kAlphabet.size()]
                             : static_cast<char>(33 + random() % 94);
    }
    if (bad != good && parse_address(bad, network).has_value()) ++accepted;
  }
  EXPECT_EQ(accepted, 0);
}

}  // namespace
}  // namespace bourse
