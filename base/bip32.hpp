// SPDX-License-Identifier: Apache-2.0
//
// BIP32: one seed, a tree of keys. A wallet needs only derive_secret(); the extended keys and
// their text are what the official vectors are written in.
#pragma once

#include "base/bip39.hpp"
#include "base/crypto.hpp"

namespace bourse {

/// Indexes from here on are written with ' and cannot be derived from a public key.
inline constexpr std::uint32_t kHardened = 0x80000000;

struct ExtendedKey {
  std::uint8_t depth = 0;
  std::array<std::uint8_t, 4> parent_fingerprint{};
  std::uint32_t index = 0;
  Hash chain_code;
  CompressedKey key;
  /// Nothing in a public extended key.
  std::optional<SecretKey> secret;

  friend bool operator==(const ExtendedKey&, const ExtendedKey&) = default;
};

/// The root key of a seed of 16 to 64 bytes.
Result<ExtendedKey> master_key(ByteView seed);
Result<ExtendedKey> derive_child(const ExtendedKey& parent, std::uint32_t index);

/// The indexes of a path such as m/44'/1'/0'/0/0, or `bad_path`.
Result<std::vector<std::uint32_t>> parse_path(std::string_view path);
/// The secret at a path below the root of a seed.
Result<SecretKey> derive_secret(const Seed& seed, std::string_view path);

/// "xprv…" when the key has its secret, otherwise "xpub…".
std::string extended_key_text(const ExtendedKey& key);
/// Refuses with `bad_extended_key` whatever BIP32 calls invalid.
Result<ExtendedKey> parse_extended_key(std::string_view text);

}  // namespace bourse
