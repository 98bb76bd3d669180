// SPDX-License-Identifier: Apache-2.0
#include "base/bip32.hpp"

#include <charconv>

#include "base/check.hpp"

namespace bourse {
namespace {

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::uint32_t kVersionPrivate = 0x0488ade4;
constexpr std::uint32_t kVersionPublic = 0x0488b21e;
constexpr std::size_t kPayloadSize = 78;
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kTextSizeMax = 112;  // 82 bytes in base 58
constexpr std::size_t kDepthMax = 255;

void append_u32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint32_t read_u32(ByteView in) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : in.first(4)) value = value << 8 | byte;
  return value;
}

ByteView checksum_of(const Hash& twice_hashed) {
  return ByteView(twice_hashed.bytes).first(kChecksumSize);
}

Error bad_key(const char* reason) {
  return {"bad_extended_key", std::string("This is no extended key of BIP32: ") + reason + "."};
}

/// Splits the 64 bytes of an HMAC into the number to add and the chain code.
std::pair<Hash, Hash> halves(const std::array<std::uint8_t, 64>& bytes) {
  const ByteView view(bytes);
  return {*Hash::from(view.first(32)), *Hash::from(view.last(32))};
}

/// number = number * from + digit, over the digits of base `to` in `number`, lowest first.
void multiply_add(Bytes& number, unsigned from, unsigned to, unsigned digit) {
  for (std::uint8_t& place : number) {
    digit += place * from;
    place = static_cast<std::uint8_t>(digit % to);
    digit /= to;
  }
  for (; digit > 0; digit /= to) number.push_back(static_cast<std::uint8_t>(digit % to));
}

/// Without base 58's rule for zeros in front: extended keys start with a version that is not zero.
std::string base58(ByteView bytes) {
  Bytes digits;
  for (const std::uint8_t byte : bytes) multiply_add(digits, 256, 58, byte);
  std::string out;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) out += kBase58[*digit];
  return out;
}

std::optional<Bytes> from_base58(std::string_view text) {
  if (text.starts_with('1')) return std::nullopt;
  Bytes bytes;
  for (const char c : text) {
    const std::size_t digit = kBase58.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    multiply_add(bytes, 58, 256, static_cast<unsigned>(digit));
  }
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

/// The 33 bytes of an extended key that hold the key itself.
Result<void> parse_key(ByteView bytes, bool is_private, ExtendedKey& out) {
  if (is_private) {
    if (bytes[0] != 0) return bad_key("a private key starts with a zero byte");
    out.secret = SecretKey::from(bytes.subspan(1));
    const auto key = compressed_public_key(*out.secret);
    if (key.has_error()) return bad_key("the private key is not in 1..n-1");
    out.key = *key;
    return {};
  }
  out.key = *CompressedKey::from(bytes);
  if (!is_valid_public_key(out.key)) return bad_key("the public key is not on the curve");
  return {};
}

}  // namespace

Result<ExtendedKey> master_key(ByteView seed) {
  if (seed.size() < 16 || seed.size() > 64) {
    return Error{"bad_seed", "A seed has 16 to 64 bytes."};
  }
  const auto [secret, chain_code] = halves(hmac_sha512(as_bytes("Bitcoin seed"), seed));
  ExtendedKey out;
  out.secret = SecretKey{secret.bytes};
  out.chain_code = chain_code;
  TRY_ASSIGN(out.key, compressed_public_key(*out.secret));
  return out;
}

Result<ExtendedKey> derive_child(const ExtendedKey& parent, std::uint32_t index) {
  if (parent.depth == kDepthMax) return Error{"bad_path", "A path has at most 255 steps."};
  const bool hardened = index >= kHardened;
  if (hardened && !parent.secret) {
    return Error{"bad_path", "A hardened key cannot be derived from a public key."};
  }
  Bytes data;
  if (hardened) data.push_back(0);
  append(data, hardened ? ByteView(parent.secret->bytes) : ByteView(parent.key.bytes));
  append_u32(data, index);
  const WipeOnExit wipe(data);
  const auto [tweak, chain_code] = halves(hmac_sha512(parent.chain_code.bytes, data));

  ExtendedKey out;
  out.depth = static_cast<std::uint8_t>(parent.depth + 1);
  const auto fingerprint = hash160(parent.key.bytes);
  std::copy_n(fingerprint.begin(), out.parent_fingerprint.size(), out.parent_fingerprint.begin());
  out.index = index;
  out.chain_code = chain_code;
  if (parent.secret) {
    TRY_ASSIGN(out.secret, secret_key_tweak_add(*parent.secret, tweak));
    TRY_ASSIGN(out.key, compressed_public_key(*out.secret));
  } else {
    TRY_ASSIGN(out.key, public_key_tweak_add(parent.key, tweak));
  }
  return out;
}

Result<std::vector<std::uint32_t>> parse_path(std::string_view path) {
  const Error bad{"bad_path", "A path looks like m/44'/1'/0'/0/0."};
  if (path.empty() || path[0] != 'm') return bad;
  path.remove_prefix(1);
  std::vector<std::uint32_t> out;
  while (!path.empty()) {
    if (path[0] != '/') return bad;
    path.remove_prefix(1);
    std::uint32_t index = 0;
    const auto [end, failure] = std::from_chars(path.data(), path.data() + path.size(), index);
    if (failure != std::errc() || index >= kHardened) return bad;
    path.remove_prefix(static_cast<std::size_t>(end - path.data()));
    if (!path.empty() && (path[0] == '\'' || path[0] == 'h')) {
      index += kHardened;
      path.remove_prefix(1);
    }
    out.push_back(index);
  }
  if (out.size() > kDepthMax) return bad;
  return out;
}

Result<SecretKey> derive_secret(const Seed& seed, std::string_view path) {
  TRY_ASSIGN(const auto indexes, parse_path(path));
  TRY_ASSIGN(ExtendedKey key, master_key(seed.bytes));
  const WipeOnExit wipe(*key.secret);
  for (const std::uint32_t index : indexes) {
    TRY_ASSIGN(key, derive_child(key, index));
  }
  return *key.secret;
}

std::string extended_key_text(const ExtendedKey& key) {
  Bytes out;
  append_u32(out, key.secret ? kVersionPrivate : kVersionPublic);
  out.push_back(key.depth);
  append(out, key.parent_fingerprint);
  append_u32(out, key.index);
  append(out, key.chain_code.bytes);
  if (key.secret) out.push_back(0);
  append(out, key.secret ? ByteView(key.secret->bytes) : ByteView(key.key.bytes));
  CHECK(out.size() == kPayloadSize);
  append(out, checksum_of(sha256(sha256(out).bytes)));
  const WipeOnExit wipe(out);
  return base58(out);
}

Result<ExtendedKey> parse_extended_key(std::string_view text) {
  if (text.size() > kTextSizeMax) return bad_key("it is too long");
  const auto bytes = from_base58(text);
  if (!bytes) return bad_key("it is not written in base 58");
  if (bytes->size() != kPayloadSize + kChecksumSize) return bad_key("its size is wrong");
  const ByteView payload = ByteView(*bytes).first(kPayloadSize);
  const Hash hash = sha256(sha256(payload).bytes);
  if (!std::ranges::equal(checksum_of(hash), ByteView(*bytes).last(kChecksumSize))) {
    return bad_key("its checksum does not match, so a letter is mistyped");
  }
  const std::uint32_t version = read_u32(payload);
  if (version != kVersionPrivate && version != kVersionPublic) return bad_key("unknown version");
  ExtendedKey out;
  out.depth = payload[4];
  std::copy_n(payload.begin() + 5, 4, out.parent_fingerprint.begin());
  out.index = read_u32(payload.subspan(9));
  out.chain_code = *Hash::from(payload.subspan(13, 32));
  if (out.depth == 0 && (read_u32(payload.subspan(5)) != 0 || out.index != 0)) {
    return bad_key("a root key has no parent and no index");
  }
  TRY(parse_key(payload.subspan(45), version == kVersionPrivate, out));
  return out;
}

}  // namespace bourse
