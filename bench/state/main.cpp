// SPDX-License-Identifier: Apache-2.0
//
// bench_state: measures of the chain without its RPC, each printed as one line of JSON.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/state/measures.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Measures the chain without its RPC."};
  app.require_subcommand(1);
  std::string directory;
  std::size_t accounts = 1'000'000;
  std::size_t offers = 1'000'000;
  std::size_t keys = 10'000;
  std::size_t blocks = 100;
  std::size_t senders = 100'000;
  std::size_t transactions = 1'000'000;
  const auto add = [&](const char* name, const char* what, auto measure) {
    CLI::App* command = app.add_subcommand(name, what);
    command->callback([measure] { std::printf("%s\n", bourse::dump_json(measure()).c_str()); });
    return command;
  };
  using namespace bourse::bench;
  CLI::App* block = add("block", "From execution to durable with root",
                        [&] { return block_times(accounts, keys, blocks); });
  block->add_option("--accounts", accounts)->capture_default_str();
  block->add_option("--keys", keys)->capture_default_str();
  block->add_option("--blocks", blocks)->capture_default_str();
  CLI::App* bytes = add("memory", "Bytes per account and per open offer",
                        [&] { return memory(accounts, offers); });
  bytes->add_option("--accounts", accounts)->capture_default_str();
  bytes->add_option("--offers", offers)->capture_default_str();
  CLI::App* again = add("replay", "Executing a chain again at start",
                        [&] { return replay(senders, transactions); });
  again->add_option("--senders", senders)->capture_default_str();
  again->add_option("--transactions", transactions)->capture_default_str();
  CLI::App* price =
      add("cost", "Processor time per transaction", [&] { return cost(accounts, transactions); });
  price->add_option("--accounts", accounts)->capture_default_str();
  price->add_option("--transactions", transactions)->capture_default_str();
  CLI::App* home = add("home", "Makes a node's home with accounts and offers",
                       [&] { return make_home(directory, accounts, offers); });
  home->add_option("directory", directory)->required();
  home->add_option("--accounts", accounts)->capture_default_str();
  home->add_option("--offers", offers)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return 0;
}
