// SPDX-License-Identifier: Apache-2.0
//
// bench_ceiling: what this machine can do at most, measured beside what the node does.
//   verify STREAM   BIP340 verifications per second on all cores, with parsed keys, over the
//                   transactions of a stream
//   sync DIRECTORY  milliseconds for an append of 128 KiB with fdatasync
#include <fcntl.h>
#include <secp256k1.h>
#include <secp256k1_schnorrsig.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>

#include "base/files.hpp"
#include "bench/clock.hpp"
#include "bench/parallel.hpp"
#include "bench/stream.hpp"
#include "chain/tx.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kSignaturesMax = 100'000;
constexpr std::size_t kAppendBytes = 128 * 1024;

struct Signed {
  secp256k1_xonly_pubkey key;
  Hash digest;
  Signature signature;
};

/// Exits the process on an error: there is no ceiling then.
void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "bench_ceiling: %s\n", what);
  std::exit(1);
}

std::vector<Signed> load(const secp256k1_context* context, const std::string& file) {
  auto stream = read_stream(file);
  require(stream.has_value() && !stream->empty(), "cannot read the stream");
  std::vector<Signed> out(std::min(stream->size(), kSignaturesMax));
  in_parallel(out.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const auto tx = chain::decode_tx((*stream)[i]);
      require(tx.has_value(), "the stream has something else than transactions");
      require(secp256k1_xonly_pubkey_parse(context, &out[i].key, tx->body.sender.data()) == 1,
              "a sender is no key");
      out[i].digest = chain::signing_digest(tx->body);
      out[i].signature = tx->signature;
    }
  });
  return out;
}

void verify(const std::string& file, double seconds) {
  secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  const std::vector<Signed> all = load(context, file);
  std::atomic<std::uint64_t> done = 0;
  const auto start = Clock::now();
  in_parallel(cores(), [&](std::size_t core, std::size_t) {
    std::uint64_t own = 0;
    for (std::size_t i = core * all.size() / cores(); seconds_since(start) < seconds; ++own, ++i) {
      const Signed& one = all[i % all.size()];
      require(secp256k1_schnorrsig_verify(context, one.signature.data(), one.digest.data(),
                                          one.digest.size(), &one.key) == 1,
              "a signature is wrong");
    }
    done += own;
  });
  std::printf("{\"rate\": %.0f}\n", static_cast<double>(done) / seconds_since(start));
  secp256k1_context_destroy(context);
}

void sync(const std::filesystem::path& directory, double seconds) {
  const auto path = directory / "appended";
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  require(static_cast<bool>(file), "cannot write there");
  const Bytes block(kAppendBytes, 0x5a);
  std::vector<double> times;
  for (const auto start = Clock::now(); seconds_since(start) < seconds;) {
    const auto begin = Clock::now();
    require(::write(file.get(), block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
                ::fdatasync(file.get()) == 0,
            "an append failed");
    times.push_back(seconds_since(begin) * 1000);
  }
  std::filesystem::remove(path);
  std::sort(times.begin(), times.end());
  std::printf("{\"p50\": %.3f, \"p99\": %.3f}\n", times[times.size() / 2],
              times[times.size() * 99 / 100]);
}

int main(int argc, char** argv) {
  CLI::App app{"What this machine can do at most."};
  std::string what;
  std::string path;
  double seconds = 1.5;
  app.add_option("what", what, "verify or sync")
      ->required()
      ->check(CLI::IsMember({"verify", "sync"}));
  app.add_option("path", path, "A stream, or a directory")->required();
  app.add_option("--seconds", seconds, "How long")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  what == "verify" ? verify(path, seconds) : sync(path, seconds);
  return 0;
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) { return bourse::bench::main(argc, argv); }
