// SPDX-License-Identifier: Apache-2.0
//
// Goal: words made here open in any other wallet, and mistyped words are refused.
// Method: all official English vectors in both directions and on to the seed and the root key, the
// word list against its published file, and words that are wrong in every way a person gets wrong.
#include "base/bip39.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/bip32.hpp"
#include "tests/support/vectors.hpp"

namespace bourse {
namespace {

std::string zero_words() { return words_from_entropy(Bytes(16)).value(); }

TEST(Bip39, OfficialVectors) {
  const Json vectors = test::vector_json("bip39.json");
  EXPECT_EQ(vectors.size(), 24U);
  for (const Json& entry : vectors) {
    const Bytes entropy = test::unhex(entry.at("entropy").get<std::string>());
    const auto words = entry.at("words").get<std::string>();
    EXPECT_EQ(words_from_entropy(entropy).value(), words);
    EXPECT_EQ(entropy_from_words(words).value(), entropy);
    const auto passphrase = entry.at("passphrase").get<std::string>();
    const Seed seed = seed_from_entropy(entropy, passphrase).value();
    EXPECT_EQ(to_hex(seed.bytes), entry.at("seed").get<std::string>());
    EXPECT_EQ(extended_key_text(master_key(seed.bytes).value()),
              entry.at("xprv").get<std::string>());
  }
}

TEST(Bip39, WordListIsThePublishedOne) {
  std::istringstream list(test::vector_text("bip39_english.txt"));
  std::string word;
  std::size_t index = 0;
  while (list >> word) {
    Bytes bits(16);  // the first eleven bits choose the first word
    bits[0] = static_cast<std::uint8_t>(index >> 3);
    bits[1] = static_cast<std::uint8_t>(index << 5);
    const std::string words = words_from_entropy(bits).value();
    EXPECT_EQ(words.substr(0, words.find(' ')), word);
    ++index;
  }
  EXPECT_EQ(index, 2048U);
}

TEST(Bip39, EntropySizes) {
  for (std::size_t size = 0; size <= 40; ++size) {
    const bool allowed = size >= 16 && size <= 32 && size % 4 == 0;
    EXPECT_EQ(words_from_entropy(Bytes(size)).has_value(), allowed) << size;
    EXPECT_EQ(seed_from_entropy(Bytes(size), "").has_value(), allowed) << size;
  }
}

TEST(Bip39, ForgivesCaseAndWhiteSpace) {
  std::string words = "\n  ABANDON\tAbandon " + zero_words().substr(16) + " \r\n";
  EXPECT_EQ(entropy_from_words(words).value(), Bytes(16));
}

TEST(Bip39, RefusesWrongWords) {
  const std::string good = zero_words();
  EXPECT_EQ(entropy_from_words("").error().kind, "bad_word_count");
  EXPECT_EQ(entropy_from_words("abandon abandon abandon").error().kind, "bad_word_count");
  EXPECT_EQ(entropy_from_words(good + " abandon").error().kind, "bad_word_count");
  EXPECT_EQ(entropy_from_words(good + " " + good + " zoo zoo zoo").error().kind, "bad_word_count");
  EXPECT_EQ(entropy_from_words(good.substr(0, good.size() - 5) + "above").error().kind,
            "bad_word_checksum");
  std::string misspelt = good;
  misspelt[0] = 'e';
  const Error error = entropy_from_words(misspelt).error();
  EXPECT_EQ(error.kind, "unknown_word");
  EXPECT_NE(error.message.find("Word 1 "), std::string::npos);
  EXPECT_EQ(error.message.find("ebandon"), std::string::npos) << "a message must not show a word";
}

TEST(Bip39, OneInSixteenLastWordsFitsTwelve) {
  std::istringstream list(test::vector_text("bip39_english.txt"));
  std::string start = zero_words();
  start.resize(start.rfind(' ') + 1);
  std::string word;
  int fitting = 0;
  while (list >> word) fitting += entropy_from_words(start + word).has_value() ? 1 : 0;
  EXPECT_EQ(fitting, 128);
}

TEST(Bip39, PassphraseIsNormalised) {
  const Bytes entropy(16, 1);
  const Seed composed = seed_from_entropy(entropy, "caf\u00e9").value();
  EXPECT_EQ(seed_from_entropy(entropy, "cafe\u0301").value(), composed);
  EXPECT_NE(seed_from_entropy(entropy, "cafe").value(), composed);
  EXPECT_EQ(seed_from_entropy(entropy, "\xff").error().kind, "bad_utf8");
}

}  // namespace
}  // namespace bourse
