// SPDX-License-Identifier: Apache-2.0
//
// bench_load: puts load on a node (or on the echo server) and prints what came of it as one line of
// JSON. Transactions count when the node has committed them.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/scheduling.hpp"
#include "bench/load/modes.hpp"

namespace bourse::bench {
namespace {

int main(int argc, char** argv) {
  CLI::App app{"Puts load on a node of the benchmark and counts what it commits."};
  LoadOptions options;
  app.add_option("mode", options.mode, "batch, single, bulk, latency, reads or echo")
      ->required()
      ->check(CLI::IsMember({"batch", "single", "bulk", "latency", "reads", "echo"}));
  app.add_option("--port", options.pump.port, "Port on loopback")->required();
  app.add_option("--stream", options.stream, "Transactions that bench_prepare has signed");
  app.add_option("--senders", options.senders, "How many accounts sign")->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long")->capture_default_str();
  app.add_option("--warmup", options.warmup, "Transactions before the clock starts")
      ->capture_default_str();
  app.add_option("--per-request", options.per_request, "Transactions in one request")
      ->capture_default_str();
  app.add_option("--connections", options.pump.connections, "How many")->capture_default_str();
  app.add_option("--window", options.pump.window, "Requests in flight per connection")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  // It stands for clients on other machines, which would not interrupt the node.
  run_in_bulk();
  auto report = run(options);
  if (!report) {
    std::fprintf(stderr, "bench_load: %s (%s)\n", report.error().message.c_str(),
                 report.error().kind.c_str());
    return 1;
  }
  std::printf("%s\n", dump_json(*report).c_str());
  return 0;
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) { return bourse::bench::main(argc, argv); }
