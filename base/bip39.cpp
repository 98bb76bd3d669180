// SPDX-License-Identifier: Apache-2.0
#include "base/bip39.hpp"

#include "base/crypto.hpp"
#include "base/unicode.hpp"

namespace bourse {
namespace {

constexpr std::array<std::string_view, 2048> kWords{
#include "base/bip39_words.inc"
};
constexpr unsigned kBitsPerWord = 11;
constexpr std::uint32_t kSeedRounds = 2048;

bool is_entropy_size(std::size_t size) { return size >= 16 && size <= 32 && size % 4 == 0; }

/// The entropy followed by the first bits of its hash; one checksum bit per 4 bytes of entropy is
/// part of the words, so at most the first byte of the hash is.
Bytes with_checksum(ByteView entropy) {
  Bytes out(entropy.begin(), entropy.end());
  out.push_back(sha256(entropy).bytes[0]);
  return out;
}

std::vector<std::string> split_lower(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  for (char c : text) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (!space && !in_word) words.emplace_back();
    in_word = !space;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!space) words.back().push_back(c);
  }
  return words;
}

}  // namespace

Result<std::string> words_from_entropy(ByteView entropy) {
  if (!is_entropy_size(entropy.size())) {
    return Error{"bad_entropy", "Words stand for 16, 20, 24, 28 or 32 bytes."};
  }
  Bytes bits = with_checksum(entropy);
  const WipeOnExit wipe(bits);
  const std::size_t count = entropy.size() * 3 / 4;
  std::string out;
  for (std::size_t word = 0; word < count; ++word) {
    std::size_t index = 0;
    for (std::size_t bit = word * kBitsPerWord; bit < (word + 1) * kBitsPerWord; ++bit) {
      const std::size_t byte = bits[bit / 8];
      index = index * 2 + ((byte >> (7 - bit % 8)) & 1);
    }
    if (word > 0) out.push_back(' ');
    out.append(kWords[index]);
  }
  return out;
}

Result<Bytes> entropy_from_words(std::string_view text) {
  std::vector<std::string> words = split_lower(text);
  const std::size_t entropy_size = words.size() * 4 / 3;
  if (words.size() % 3 != 0 || !is_entropy_size(entropy_size)) {
    return Error{"bad_word_count",
                 "Expected 12, 15, 18, 21 or 24 words, not " + std::to_string(words.size()) + "."};
  }
  Bytes bits(entropy_size + 1);
  for (std::size_t word = 0; word < words.size(); ++word) {
    const WipeOnExit wipe(words[word]);
    const auto* const found = std::lower_bound(kWords.begin(), kWords.end(), words[word]);
    if (found == kWords.end() || *found != words[word]) {
      return Error{"unknown_word", "Word " + std::to_string(word + 1) +
                                       " is not in the BIP39 list; check its spelling."};
    }
    const auto index = static_cast<std::size_t>(found - kWords.begin());
    for (unsigned i = 0; i < kBitsPerWord; ++i) {
      const std::size_t bit = word * kBitsPerWord + i;
      const std::size_t value = (index >> (kBitsPerWord - 1 - i)) & 1U;
      bits[bit / 8] = static_cast<std::uint8_t>(bits[bit / 8] | (value << (7 - bit % 8)));
    }
  }
  const unsigned unused_bits = 8 - static_cast<unsigned>(words.size() / 3);
  const std::uint8_t checksum = bits.back();
  bits.pop_back();
  if (((sha256(bits).bytes[0] ^ checksum) >> unused_bits) != 0) {
    secure_zero(bits.data(), bits.size());
    return Error{"bad_word_checksum",
                 "The words do not fit together: one is wrong, or two are in the wrong order."};
  }
  return bits;
}

Result<Seed> seed_from_entropy(ByteView entropy, std::string_view passphrase) {
  TRY_ASSIGN(std::string words, words_from_entropy(entropy));
  const WipeOnExit wipe_words(words);
  TRY_ASSIGN(std::string salt, nfkd(passphrase));
  const WipeOnExit wipe_salt(salt);
  salt.insert(0, "mnemonic");
  Bytes seed = pbkdf2_hmac_sha512(as_bytes(words), as_bytes(salt), kSeedRounds, Seed::size());
  const WipeOnExit wipe_seed(seed);
  return *Seed::from(seed);
}

}  // namespace bourse
