// SPDX-License-Identifier: Apache-2.0
#include "bench/stream.hpp"

#include <chrono>
#include <cstring>
#include <fstream>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "bench/parallel.hpp"
#include "market/tx_types.hpp"

namespace bourse::bench {
namespace {

constexpr std::uint64_t kBalance = 100 * kGrainsPerBrs;
constexpr std::uint64_t kFeeLimit = 20'000'000;
constexpr std::uint32_t kOffersPerSender = 9;
constexpr TimeMs kGenesisTime{1'767'225'600'000};

TimeMs expiry() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return TimeMs(static_cast<std::uint64_t>(ms)) + chain::kTxLifetimeMax - seconds(60);
}

/// A number that looks like chance and is the same in every run (splitmix64).
std::uint64_t scatter(std::uint64_t value) {
  value = (value + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

template <class Operations>
std::vector<Bytes> signed_stream(const Senders& senders, const Hash& chain, std::size_t count,
                                 const Operations& operations) {
  std::vector<Bytes> out(count);
  in_parallel(count, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const std::size_t sender = i % senders.size();
      const Nonce nonce(i / senders.size());
      out[i] = sign(senders, chain, sender, nonce, operations(sender, nonce, i));
    }
  });
  return out;
}

market::OfferTerms terms(std::uint64_t number) {
  market::OfferTerms out;
  out.runtimes = std::vector{sha256(as_bytes("runtime"))};
  out.capacity = {static_cast<std::uint32_t>(4000 + number % 61 * 1000), 8192, 65536, 0};
  out.prices.cpu_milli_hour = Amount(20'000 + scatter(number) % 10'000);
  out.prices.memory_mib_hour = Amount(2'000);
  out.prices.start_fee = Amount(1'000'000);
  out.lifetime = seconds(24 * 3600);
  return out;
}

chain::Operation post(const ProviderId& provider, std::uint64_t number) {
  return market::to_operation(market::OfferCreate{provider, terms(number)});
}

/// The id of the offer that stands in a sender's `slot` before its transaction of that nonce.
OfferId offer_in(std::uint32_t slot, const Address& owner, Nonce nonce) {
  // Transaction n renews slot (n - 1) % kOffersPerSender.
  const std::uint64_t before = nonce.value() - 1;
  const std::uint64_t age = (before + kOffersPerSender - slot - 1) % kOffersPerSender;
  if (before < age + 1) return offer_id(owner, Nonce{}, slot + 1);
  return offer_id(owner, Nonce(before - age), 1);
}

std::vector<chain::Operation> reprice(const Address& owner, Nonce nonce, std::uint64_t number) {
  const ProviderId provider{market::object_id(owner, Nonce{}, 0).bytes};
  const auto renewed = static_cast<std::uint32_t>((nonce.value() - 1) % kOffersPerSender);
  std::vector<chain::Operation> out;
  out.push_back(market::to_operation(market::OfferCancel{offer_in(renewed, owner, nonce)}));
  out.push_back(post(provider, number));
  for (std::uint32_t slot = 0; slot < kOffersPerSender; ++slot) {
    if (slot == renewed) continue;
    const auto changed = terms(number + slot);
    out.push_back(market::to_operation(market::OfferChange{offer_in(slot, owner, nonce), changed}));
  }
  return out;
}

}  // namespace

chain::Operation register_provider(const Address& owner) {
  return market::to_operation(
      market::ProviderRegister{owner, owner, "bench", Amount(10 * kGrainsPerBrs)});
}

std::vector<chain::Operation> post_offers(const Address& owner, Nonce registered,
                                          std::size_t count) {
  const ProviderId provider{market::object_id(owner, registered, 0).bytes};
  std::vector<chain::Operation> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(post(provider, owner.bytes[0] + i));
  return out;
}

OfferId offer_id(const Address& owner, Nonce nonce, std::uint32_t operation) {
  return OfferId{market::object_id(owner, nonce, operation).bytes};
}

SecretKey validator_seed() { return SecretKey{sha256(as_bytes("bench/validator")).bytes}; }

Address other_account(std::size_t number) {
  return Address{tagged_hash("bench/other", as_bytes(std::to_string(number))).bytes};
}

market::Genesis genesis(const Senders& senders, std::size_t others) {
  market::Genesis out;
  out.network = Network::test;
  out.name = "bench";
  out.time = kGenesisTime;
  out.accounts.resize(senders.size() + others);
  for (std::size_t i = 0; i < senders.size(); ++i) {
    out.accounts[i] = {senders.address(i), Amount(kBalance)};
  }
  in_parallel(others, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      out.accounts[senders.size() + i] = {other_account(i), Amount(kBalance)};
    }
  });
  const Address fees{sha256(as_bytes("bench/fees")).bytes};
  out.validators = {{ed25519_public(validator_seed()), fees}};
  std::sort(out.accounts.begin(), out.accounts.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  return out;
}

Bytes sign(const Senders& senders, const Hash& chain, std::size_t sender, Nonce nonce,
           std::vector<chain::Operation> operations) {
  static const TimeMs valid_until = expiry();
  chain::TxBody body;
  body.chain_id = chain;
  body.sender = senders.address(sender);
  body.nonce = nonce;
  body.fee_limit = Amount(kFeeLimit);
  body.valid_until = valid_until;
  body.operations = std::move(operations);
  const Signature signature = senders.sign(sender, chain::signing_digest(body));
  return encode(chain::Tx{std::move(body), signature});
}

std::vector<Bytes> transfers(const Senders& senders, const Hash& chain, std::size_t count,
                             std::size_t others) {
  return signed_stream(senders, chain, count, [&](std::size_t, Nonce, std::size_t i) {
    const std::size_t to = scatter(i) % (senders.size() + others);
    const Address address =
        to < senders.size() ? senders.address(to) : other_account(to - senders.size());
    return std::vector{market::to_operation(market::Transfer{address, Amount(1 + i % 1000)})};
  });
}

std::vector<Bytes> market_operations(const Senders& senders, const Hash& chain, std::size_t count) {
  return signed_stream(senders, chain, count, [&](std::size_t sender, Nonce nonce, std::size_t i) {
    const Address& owner = senders.address(sender);
    if (nonce != Nonce{}) return reprice(owner, nonce, i);
    auto operations = post_offers(owner, nonce, kOffersPerSender);
    operations.insert(operations.begin(), register_provider(owner));
    return operations;
  });
}

// A file is the transactions, each after its length in four bytes of this machine's order: it is
// read where it was written.
Result<void> write_stream(const std::filesystem::path& file, const std::vector<Bytes>& stream) {
  std::ofstream out(file, std::ios::binary);
  for (const Bytes& raw : stream) {
    const auto size = static_cast<std::uint32_t>(raw.size());
    out.write(reinterpret_cast<const char*>(&size), sizeof size);
    out.write(reinterpret_cast<const char*>(raw.data()), static_cast<std::streamsize>(size));
  }
  out.close();
  if (!out) return Error{"file_error", "cannot write " + file.string()};
  return {};
}

Result<std::vector<Bytes>> read_stream(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{"file_not_found", "cannot read " + file.string()};
  std::vector<Bytes> out;
  std::uint32_t size = 0;
  while (in.read(reinterpret_cast<char*>(&size), sizeof size)) {
    if (size > chain::kTxBytesMax) return Error{"file_error", file.string() + " is no stream"};
    Bytes& raw = out.emplace_back(size);
    in.read(reinterpret_cast<char*>(raw.data()), static_cast<std::streamsize>(size));
  }
  return out;
}

}  // namespace bourse::bench
