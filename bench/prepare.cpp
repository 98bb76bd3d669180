// SPDX-License-Identifier: Apache-2.0
//
// bench_prepare DIR: a chain of the benchmark as a node's home, DIR/home, and transactions for it
// that are signed before any clock starts, DIR/stream.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/stream.hpp"
#include "node/home.hpp"

namespace bourse::bench {
namespace {

struct Options {
  std::string directory;
  std::string kind = "transfers";
  std::size_t senders = 100'000;
  std::size_t transactions = 500'000;
};

Result<void> prepare(const Options& options) {
  const std::filesystem::path directory = options.directory;
  const Senders senders(options.senders);
  const market::Genesis chain = genesis(senders);
  TRY(node::create_home(directory / "home", chain, validator_seed()));
  const Hash id = market::chain_id(chain);
  const std::size_t count = options.transactions;
  return write_stream(directory / "stream", options.kind == "market"
                                                ? market_operations(senders, id, count)
                                                : transfers(senders, id, count));
}

int main(int argc, char** argv) {
  CLI::App app{"Makes a chain of the benchmark and signs transactions for it."};
  Options options;
  app.add_option("directory", options.directory, "Where to; must have no home/")->required();
  app.add_option("--kind", options.kind, "transfers or market")
      ->check(CLI::IsMember({"transfers", "market"}));
  app.add_option("--senders", options.senders, "How many accounts sign")->capture_default_str();
  app.add_option("--transactions", options.transactions, "How many")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto done = prepare(options);
  if (done) return 0;
  std::fprintf(stderr, "bench_prepare: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) { return bourse::bench::main(argc, argv); }
