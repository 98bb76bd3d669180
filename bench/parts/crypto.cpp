// SPDX-License-Identifier: Apache-2.0
//
// What a transaction costs before anybody executes it: its bytes, its hashes, its signature.
#include <benchmark/benchmark.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kCount = 1'000;
const Hash kChain = sha256(as_bytes("parts"));

const std::vector<Bytes>& stream() {
  static const auto made = transfers(Senders(kCount), kChain, kCount);
  return made;
}

/// The transactions in turn, so that no cache holds the one that comes.
const Bytes& next() {
  static std::size_t at = 0;
  return stream()[at++ % kCount];
}

void hash(benchmark::State& state) {
  const Bytes message(static_cast<std::size_t>(state.range(0)), 7);
  for (auto _ : state) benchmark::DoNotOptimize(sha256(message));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(hash)->Arg(50)->Arg(64)->Arg(250)->Arg(4096);

/// So many messages of that length in one call.
void hash_all(benchmark::State& state) {
  constexpr std::size_t count = 16;
  const Bytes message(static_cast<std::size_t>(state.range(0)), 7);
  std::array<Hash, count> hashes;
  std::array<Sha256Job, count> jobs;
  for (std::size_t i = 0; i < count; ++i) jobs[i] = {message, &hashes[i]};
  for (auto _ : state) {
    sha256_all(jobs);
    benchmark::DoNotOptimize(hashes);
  }
  state.SetItemsProcessed(state.iterations() * std::int64_t{count});
}
BENCHMARK(hash_all)->Arg(50)->Arg(250);

void tagged(benchmark::State& state) {
  const Bytes message(64, 7);
  for (auto _ : state) benchmark::DoNotOptimize(tagged_hash("bourse/key", message));
}
BENCHMARK(tagged);

void decode_transfer(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(chain::decode_tx(next()));
}
BENCHMARK(decode_transfer);

void encode_transfer(benchmark::State& state) {
  const chain::Tx tx = chain::decode_tx(next()).value();
  for (auto _ : state) benchmark::DoNotOptimize(encode(tx));
}
BENCHMARK(encode_transfer);

void signing_digest(benchmark::State& state) {
  const chain::Tx tx = chain::decode_tx(next()).value();
  for (auto _ : state) benchmark::DoNotOptimize(chain::signing_digest(tx.body));
}
BENCHMARK(signing_digest);

void verify_transfer(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(chain::verify_tx(next(), kChain).has_value());
}
BENCHMARK(verify_transfer);

void verify_signature(benchmark::State& state) {
  const chain::Tx tx = chain::decode_tx(next()).value();
  const Hash digest = chain::signing_digest(tx.body);
  for (auto _ : state) {
    benchmark::DoNotOptimize(schnorr_verify(tx.body.sender, digest, tx.signature));
  }
}
BENCHMARK(verify_signature);

}  // namespace
}  // namespace bourse::bench
