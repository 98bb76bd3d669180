// SPDX-License-Identifier: Apache-2.0
#include "base/bech32m.hpp"

#include "base/check.hpp"

namespace bourse {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumSize = 6;
constexpr std::size_t kTextSizeMax = 90;
constexpr std::uint32_t kBech32mConstant = 0x2bc830a3;

struct NetworkNames {
  std::string_view name;
  std::string_view prefix;
};
constexpr std::array<NetworkNames, 3> kNetworks{
    {{"main", "brs"}, {"test", "brst"}, {"dev", "brsd"}}};

const NetworkNames& names_of(Network network) {
  return kNetworks[static_cast<std::size_t>(network)];
}

/// What the upper five bits of a checksum add to the rest of it: the BCH code of BIP173.
constexpr auto kGenerator = [] {
  constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                   0x2a1462b3};
  std::array<std::uint32_t, 32> sums{};
  for (std::size_t top = 0; top < sums.size(); ++top) {
    for (std::size_t i = 0; i < generator.size(); ++i) {
      if (((top >> i) & 1) != 0) sums[top] ^= generator[i];
    }
  }
  return sums;
}();

/// One step of the code, over GF(32).
std::uint32_t polymod_step(std::uint32_t checksum, std::uint32_t value) {
  return (((checksum & 0x1ffffff) << 5) ^ value) ^ kGenerator[checksum >> 25];
}

std::uint32_t polymod(std::string_view prefix, ByteView values) {
  std::uint32_t checksum = 1;
  for (const char c : prefix) checksum = polymod_step(checksum, static_cast<unsigned char>(c) >> 5);
  checksum = polymod_step(checksum, 0);
  for (const char c : prefix) checksum = polymod_step(checksum, static_cast<unsigned char>(c) & 31);
  for (const std::uint8_t value : values) checksum = polymod_step(checksum, value);
  return checksum;
}

/// Packs groups of `from` bits into groups of `to` bits; what is left over is padded with zeros
/// when widening to text, and must be a zero padding shorter than one input group on the way back.
std::optional<Bytes> regroup(ByteView in, unsigned from, unsigned to, bool pad) {
  Bytes out;
  out.reserve(in.size() * from / to + 1);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const std::uint8_t value : in) {
    buffer = ((buffer << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push_back(static_cast<std::uint8_t>((buffer >> bits) & ((1U << to) - 1)));
    }
  }
  const std::uint32_t rest = buffer & ((1U << bits) - 1);
  if (pad && bits > 0) out.push_back(static_cast<std::uint8_t>(rest << (to - bits)));
  if (!pad && (bits >= from || rest != 0)) return std::nullopt;
  return out;
}

Error bad_address(std::string message) { return {"bad_address", std::move(message)}; }

/// The text in lower case, when its characters and their case are allowed.
Result<std::string> one_case(std::string_view text) {
  bool lower = false;
  bool upper = false;
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c < 33 || c > 126) return bad_address("An address holds no spaces or special characters.");
    const bool is_upper = c >= 'A' && c <= 'Z';
    lower |= c >= 'a' && c <= 'z';
    upper |= is_upper;
    out.push_back(is_upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (lower && upper) return bad_address("The address mixes upper and lower case.");
  return out;
}

}  // namespace

std::string encode_bech32m(const Bech32m& parts) {
  Bytes values = parts.values;
  values.resize(values.size() + kChecksumSize);
  const std::uint32_t checksum = polymod(parts.prefix, values) ^ kBech32mConstant;
  for (std::size_t i = 0; i < kChecksumSize; ++i) {
    values[parts.values.size() + i] = (checksum >> (5 * (kChecksumSize - 1 - i))) & 31;
  }
  std::string out = parts.prefix + "1";
  for (const std::uint8_t value : values) out.push_back(kAlphabet[value]);
  CHECK(out.size() <= kTextSizeMax);
  return out;
}

Result<Bech32m> decode_bech32m(std::string_view text) {
  if (text.size() > kTextSizeMax) return bad_address("The address is too long.");
  TRY_ASSIGN(const std::string lower, one_case(text));
  const std::size_t separator = lower.rfind('1');
  if (separator == std::string::npos || separator == 0) {
    return bad_address("An address starts with a prefix such as brs1.");
  }
  Bech32m out{lower.substr(0, separator), {}};
  for (const char c : std::string_view(lower).substr(separator + 1)) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) {
      return bad_address(std::string("No address holds the character '") + c + "' there.");
    }
    out.values.push_back(static_cast<std::uint8_t>(value));
  }
  if (out.values.size() < kChecksumSize || polymod(out.prefix, out.values) != kBech32mConstant) {
    return bad_address("The checksum of the address does not match: look for a mistyped letter.");
  }
  out.values.resize(out.values.size() - kChecksumSize);
  return out;
}

std::string_view network_name(Network network) { return names_of(network).name; }

std::string address_text(const Address& address, Network network) {
  return encode_bech32m(
      {std::string(names_of(network).prefix), *regroup(address.bytes, 8, 5, true)});
}

Result<Address> parse_address(std::string_view text, Network network) {
  TRY_ASSIGN(const Bech32m parts, decode_bech32m(text));
  const auto bytes = regroup(parts.values, 5, 8, false);
  const auto address = bytes ? Address::from(*bytes) : std::nullopt;
  if (!address) return bad_address("The address does not hold 32 bytes.");
  if (parts.prefix == names_of(network).prefix) return *address;
  for (const NetworkNames& other : kNetworks) {
    if (parts.prefix != other.prefix) continue;
    return Error{"wrong_network", "This is an address of the " + std::string(other.name) +
                                      " network, and " + std::string(network_name(network)) +
                                      " is in use: ask for an address that starts with " +
                                      std::string(names_of(network).prefix) + "1."};
  }
  return bad_address("No network of Bourse has addresses that start with " + parts.prefix + "1.");
}

}  // namespace bourse
