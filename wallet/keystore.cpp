// SPDX-License-Identifier: Apache-2.0
#include "wallet/keystore.hpp"

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/unicode.hpp"

namespace bourse::wallet {
namespace {

constexpr std::size_t kFileSizeMax = 64 * 1024;
constexpr std::uint64_t kVersion = 4;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kSaltSizeMax = 128;
/// Some seconds of work; a file must not keep its reader busy for hours.
constexpr std::uint64_t kPbkdf2RoundsMax = 1 << 24;

using Names = std::initializer_list<std::string_view>;

Error bad_value(std::string_view name, std::string_view expected) {
  return {"keystore_bad_value",
          "In the keystore, \"" + std::string(name) + "\" must be " + std::string(expected) + "."};
}

/// That `value` is an object with all of `required` and nothing else but `optional`.
Result<void> check_members(const Json& value, std::string_view name, const Names& required,
                           const Names& optional = {}) {
  if (!value.is_object()) return bad_value(name, "an object");
  for (const std::string_view member : required) {
    if (!value.contains(member)) {
      return Error{"keystore_missing_field", "The keystore lacks \"" + std::string(member) +
                                                 "\" in \"" + std::string(name) + "\"."};
    }
  }
  for (const auto& [member, unused] : value.items()) {
    if (std::ranges::count(required, member) + std::ranges::count(optional, member) == 0) {
      return Error{"keystore_unknown_field", "The keystore has \"" + member + "\" in \"" +
                                                 std::string(name) +
                                                 "\", which ERC-2335 does not know."};
    }
  }
  return {};
}

Result<std::string> text_at(const Json& object, std::string_view name) {
  const Json& value = object.at(std::string(name));
  if (!value.is_string()) return bad_value(name, "text");
  return value.get<std::string>();
}

Result<void> expect_text(const Json& object, std::string_view name, std::string_view expected) {
  TRY_ASSIGN(const std::string text, text_at(object, name));
  if (text != expected) return bad_value(name, "\"" + std::string(expected) + "\"");
  return {};
}

Result<Bytes> hex_at(const Json& object, std::string_view name, std::size_t min, std::size_t max) {
  TRY_ASSIGN(const std::string text, text_at(object, name));
  auto bytes = from_hex(text);
  if (!bytes || bytes->size() < min || bytes->size() > max) {
    return bad_value(name,
                     "hex of " + std::to_string(min) + " to " + std::to_string(max) + " bytes");
  }
  return *std::move(bytes);
}

Result<std::uint64_t> number_at(const Json& object, std::string_view name, std::uint64_t min,
                                std::uint64_t max) {
  const Json& value = object.at(std::string(name));
  const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() >= min &&
                    value.get<std::uint64_t>() <= max;
  if (!fits) {
    return bad_value(name, "a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value.get<std::uint64_t>();
}

/// ERC-2335: normalise the password, then drop control codes, which keyboards add unseen.
Result<std::string> password_bytes(std::string_view password) {
  TRY_ASSIGN(std::string text, nfkd(password));
  const WipeOnExit wipe(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) ++i;
    if (!c1 && byte >= 0x20 && byte != 0x7f) out.push_back(text[i]);
  }
  return out;
}

Result<Bytes> derive_key(const Json& kdf, std::string_view password) {
  const Json& params = kdf.at("params");
  TRY(expect_text(kdf, "message", ""));
  TRY_ASSIGN(const std::string function, text_at(kdf, "function"));
  if (function == "scrypt") {
    TRY(check_members(params, "params", {"dklen", "n", "p", "r", "salt"}));
    TRY(number_at(params, "dklen", kKeySize, kKeySize));
    TRY_ASSIGN(const Bytes salt, hex_at(params, "salt", 1, kSaltSizeMax));
    TRY_ASSIGN(const std::uint64_t n, number_at(params, "n", 2, kMaxScryptCost));
    TRY_ASSIGN(const std::uint64_t r, number_at(params, "r", 1, kMaxScryptCost));
    TRY_ASSIGN(const std::uint64_t p, number_at(params, "p", 1, kMaxScryptCost));
    return scrypt(as_bytes(password), salt, n, r, p, kKeySize);
  }
  if (function == "pbkdf2") {
    TRY(check_members(params, "params", {"c", "dklen", "prf", "salt"}));
    TRY(number_at(params, "dklen", kKeySize, kKeySize));
    TRY(expect_text(params, "prf", "hmac-sha256"));
    TRY_ASSIGN(const Bytes salt, hex_at(params, "salt", 1, kSaltSizeMax));
    TRY_ASSIGN(const std::uint64_t rounds, number_at(params, "c", 1, kPbkdf2RoundsMax));
    return pbkdf2_hmac_sha256(as_bytes(password), salt, static_cast<std::uint32_t>(rounds),
                              kKeySize);
  }
  return bad_value("function", "\"scrypt\" or \"pbkdf2\"");
}

/// The key's first half encrypts; its second half vouches for the encrypted secret.
Hash checksum_of(ByteView key, ByteView encrypted) {
  return Sha256().update(key.last(16)).update(encrypted).finish();
}

Bytes apply_cipher(ByteView key, ByteView iv, ByteView data) {
  std::array<std::uint8_t, 16> cipher_key;
  std::array<std::uint8_t, 16> cipher_iv;
  const WipeOnExit wipe(cipher_key);
  std::ranges::copy(key.first(16), cipher_key.begin());
  std::ranges::copy(iv, cipher_iv.begin());
  return aes128_ctr(cipher_key, cipher_iv, data);
}

Result<Json> parse_keystore(std::string_view text) {
  if (text.size() > kFileSizeMax) return bad_value("keystore", "at most 64 KiB");
  TRY_ASSIGN(Json file, parse_json(text));
  TRY(check_members(file, "keystore", {"crypto", "path", "uuid", "version"},
                    {"description", "pubkey"}));
  TRY(number_at(file, "version", kVersion, kVersion));
  for (const char* name : {"description", "path", "pubkey", "uuid"}) {
    if (file.contains(name)) TRY(text_at(file, name));
  }
  const Json& crypto = file.at("crypto");
  TRY(check_members(crypto, "crypto", {"kdf", "checksum", "cipher"}));
  for (const auto& [name, module] : crypto.items()) {
    TRY(check_members(module, name, {"function", "params", "message"}));
  }
  TRY(expect_text(crypto.at("checksum"), "function", "sha256"));
  TRY(check_members(crypto.at("checksum").at("params"), "params", {}));
  TRY(expect_text(crypto.at("cipher"), "function", "aes-128-ctr"));
  TRY(check_members(crypto.at("cipher").at("params"), "params", {"iv"}));
  return file;
}

/// A random identifier in the layout of RFC 9562, version 4.
std::string random_uuid() {
  std::array<std::uint8_t, 16> bytes;
  random_bytes(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string out = to_hex(bytes);
  for (const std::size_t place : {20U, 16U, 12U, 8U}) out.insert(place, "-");
  return out;
}

}  // namespace

Result<std::string> create_keystore(ByteView secret, std::string_view password,
                                    const KeystoreLabel& label, const ScryptCost& cost) {
  TRY_ASSIGN(std::string typed, password_bytes(password));
  const WipeOnExit wipe_password(typed);
  if (typed.empty()) return Error{"password_empty", "Choose a password that is not empty."};
  std::array<std::uint8_t, kSaltSize> salt;
  std::array<std::uint8_t, 16> iv;
  random_bytes(salt);
  random_bytes(iv);
  TRY_ASSIGN(Bytes key, scrypt(as_bytes(typed), salt, cost.n, cost.r, cost.p, kKeySize));
  const WipeOnExit wipe_key(key);
  const Bytes encrypted = apply_cipher(key, iv, secret);
  const Json kdf_params{
      {"dklen", kKeySize}, {"n", cost.n}, {"p", cost.p}, {"r", cost.r}, {"salt", to_hex(salt)}};
  const Json crypto{{"kdf", {{"function", "scrypt"}, {"params", kdf_params}, {"message", ""}}},
                    {"checksum",
                     {{"function", "sha256"},
                      {"params", Json::object()},
                      {"message", to_hex(checksum_of(key, encrypted).bytes)}}},
                    {"cipher",
                     {{"function", "aes-128-ctr"},
                      {"params", {{"iv", to_hex(iv)}}},
                      {"message", to_hex(encrypted)}}}};
  return dump_json_pretty(Json{{"crypto", crypto},
                               {"description", label.description},
                               {"pubkey", label.pubkey},
                               {"path", label.path},
                               {"uuid", random_uuid()},
                               {"version", kVersion}});
}

Result<Bytes> open_keystore(std::string_view keystore, std::string_view password) {
  TRY_ASSIGN(const Json file, parse_keystore(keystore));
  const Json& crypto = file.at("crypto");
  const Json& cipher = crypto.at("cipher");
  TRY_ASSIGN(const Bytes iv, hex_at(cipher.at("params"), "iv", 16, 16));
  TRY_ASSIGN(const Bytes encrypted, hex_at(cipher, "message", 1, kFileSizeMax));
  TRY_ASSIGN(const Bytes checksum, hex_at(crypto.at("checksum"), "message", 32, 32));
  TRY_ASSIGN(std::string typed, password_bytes(password));
  const WipeOnExit wipe_password(typed);
  TRY_ASSIGN(Bytes key, derive_key(crypto.at("kdf"), typed));
  const WipeOnExit wipe_key(key);
  if (!constant_time_equal(checksum_of(key, encrypted).bytes, checksum)) {
    return Error{"wrong_password",
                 "The password does not open this keystore, or the file is damaged; try again."};
  }
  return apply_cipher(key, iv, encrypted);
}

Result<KeystoreLabel> keystore_label(std::string_view keystore) {
  TRY_ASSIGN(const Json file, parse_keystore(keystore));
  return KeystoreLabel{file.value("description", ""), file.value("pubkey", ""),
                       file.value("path", "")};
}

Result<void> save_keystore(const std::filesystem::path& path, std::string_view keystore) {
  return create_file_atomic(path, as_bytes(keystore), kPrivateMode);
}

Result<std::string> load_keystore(const std::filesystem::path& path) {
  TRY_ASSIGN(const Bytes bytes, read_private_file(path, kFileSizeMax));
  return std::string(as_text(bytes));
}

}  // namespace bourse::wallet
