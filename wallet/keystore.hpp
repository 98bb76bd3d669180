// SPDX-License-Identifier: Apache-2.0
//
// A secret under a password, in the JSON layout of ERC-2335 version 4, which other tools read too.
// The secret is opaque here: the entropy of BIP39 words, or one key of 32 bytes.
#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace bourse::wallet {

/// What a keystore says in the clear. Nothing protects it, nor the cipher's IV: who opens a
/// keystore compares `pubkey` with the key that the secret gives, and refuses the file otherwise.
struct KeystoreLabel {
  std::string description;
  std::string pubkey;
  std::string path;

  friend bool operator==(const KeystoreLabel&, const KeystoreLabel&) = default;
};

/// About a second and 256 MiB for every guess of the password.
struct ScryptCost {
  std::uint64_t n = 1 << 18;
  std::uint64_t r = 8;
  std::uint64_t p = 1;
};

Result<std::string> create_keystore(ByteView secret, std::string_view password,
                                    const KeystoreLabel& label, const ScryptCost& cost = {});

/// The secret. Error kinds: `wrong_password`; `keystore_missing_field`, `keystore_unknown_field`
/// and `keystore_bad_value` for a file that is no keystore; those of parse_json() and scrypt().
Result<Bytes> open_keystore(std::string_view keystore, std::string_view password);

/// What the keystore says without a password.
Result<KeystoreLabel> keystore_label(std::string_view keystore);

/// Never replaces a file. The file can be read by its owner only.
Result<void> save_keystore(const std::filesystem::path& path, std::string_view keystore);
/// Refuses a file that others can read.
Result<std::string> load_keystore(const std::filesystem::path& path);

}  // namespace bourse::wallet
