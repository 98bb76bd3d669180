// SPDX-License-Identifier: Apache-2.0
//
// BIP39: a wallet's entropy as English words for people, and the seed that follows from it.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace bourse {

using Seed = FixedBytes<64, struct SeedTag>;

/// 12 to 24 words with a checksum, for 16, 20, 24, 28 or 32 bytes of entropy (`bad_entropy`).
Result<std::string> words_from_entropy(ByteView entropy);

/// The entropy of words that a person typed: letter case and the white space between words do not
/// matter. Errors name the word by its place, since messages are logged and words are the secret.
/// Kinds: `bad_word_count`, `unknown_word`, `bad_word_checksum`.
Result<Bytes> entropy_from_words(std::string_view words);

/// The seed of BIP32: PBKDF2 of the words with an optional passphrase in UTF-8.
Result<Seed> seed_from_entropy(ByteView entropy, std::string_view passphrase);

}  // namespace bourse
