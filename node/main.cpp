// SPDX-License-Identifier: Apache-2.0
//
// boursed: the validator node.
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <mutex>
#include <new>

#include "base/crypto.hpp"
#include "base/json_fields.hpp"
#include "base/scheduling.hpp"
#include "base/version.hpp"
#include "market/dev.hpp"
#include "market/job_spec.hpp"
#include "node/node.hpp"

namespace bourse::node {
namespace {

struct Options {
  std::string home;
  std::string genesis;
  std::string key_file;
  std::optional<std::uint16_t> port;
  bool dev = false;
  bool from_genesis = false;
};

int report(const Error& error) {
  fmt::print(stderr, "boursed: {}\n  ({})\n", error.message, error.kind);
  return 1;
}

/// Makes a consensus key, which a genesis names before there is a home for its chain.
Result<void> keygen(const Options& options) {
  SecretKey seed;
  random_bytes(seed.bytes);
  TRY(create_file_atomic(options.key_file, as_bytes(to_hex(seed.bytes) + "\n"), kPrivateMode));
  fmt::print("0x{}\n", to_hex(ed25519_public(seed).bytes));
  return {};
}

Result<void> init(const Options& options) {
  TRY_ASSIGN(const Bytes text, read_file(options.genesis, 64 << 20));
  TRY_ASSIGN(const market::Genesis genesis, market::parse_genesis(as_text(text)));
  TRY_ASSIGN(const SecretKey seed, load_consensus_key(options.key_file));
  TRY(create_home(options.home, genesis, seed));
  fmt::print("home      {}\nchain id  0x{}\n", options.home,
             to_hex(market::chain_id(genesis).bytes));
  return {};
}

/// Prints what is wrong with the state of a home, if anything is.
Result<bool> audit(const Options& options) {
  TRY_ASSIGN(Home home, open_home(options.home));
  TRY_ASSIGN(const auto violations, audit_home(std::move(home), options.from_genesis));
  for (const std::string& violation : violations) fmt::print("{}\n", violation);
  if (violations.empty()) fmt::print("every law holds, and the money adds up to the supply\n");
  return violations.empty();
}

/// The home of a dev chain is made at its first start. Time and a random salt go into the genesis,
/// so that no two dev chains take each other's transactions.
Result<void> ensure_dev_home(const std::string& directory) {
  if (std::filesystem::exists(std::filesystem::path(directory) / "genesis.json")) return {};
  Bytes salt(16);
  random_bytes(salt);
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const TimeMs time(static_cast<std::uint64_t>(now.tv_sec) * 1000);
  return create_home(directory, market::dev_genesis(time, std::move(salt)),
                     market::dev_consensus_seed());
}

void print_banner(const Options& options, const Node& node) {
  fmt::print("boursed {}  chain 0x{}\nlistening on port {}  home {}\n", kVersion,
             to_hex(node.chain_id().bytes), node.port(), options.home);
  if (options.dev) {
    fmt::print("\nDev chain: everybody has these keys. Mnemonic:\n  {}\n\n", market::kDevMnemonic);
    for (std::uint32_t i = 0; i < market::kDevAccounts; ++i) {
      fmt::print("  ({}) {}  m/44'/1'/0'/0/{}\n", i,
                 address_text(public_key(market::dev_key(i)).value(), Network::dev), i);
    }
  }
  fmt::print("\nready\n");
  std::fflush(stdout);
}

/// A node without memory ends, and starts again from what is durable: thrown through libraries that
/// do not expect it, std::bad_alloc may leave a thread that waits for ever.
[[noreturn]] void out_of_memory() {
  constexpr std::string_view kText = "boursed: out of memory\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(1);
}

/// Runs until SIGINT, SIGTERM or a fatal error.
int run(const Options& options) {
  std::set_new_handler(out_of_memory);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
  // Blocked before any thread exists, so that only the wait below gets them.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::mutex mutex;
  std::optional<Error> failure;
  const auto on_fatal = [&](const Error& error) {
    const std::scoped_lock lock(mutex);
    failure = error;
    ::kill(::getpid(), SIGTERM);
  };
  if (options.dev) {
    if (const auto made = ensure_dev_home(options.home); !made) return report(made.error());
  }
  auto home = open_home(options.home);
  if (!home) return report(home.error());
  if (options.port) home->config.rpc.port = *options.port;
  run_in_bulk();
  auto node = Node::start(std::move(*home), options.dev, on_fatal);
  if (!node) return report(node.error());
  print_banner(options, **node);
  int signal = 0;
  sigwait(&signals, &signal);
  node->reset();
  const std::scoped_lock lock(mutex);
  return failure ? report(*failure) : 0;
}

int main(int argc, char** argv) {
  CLI::App app{
      "The validator node of Bourse.\n\n"
      "  boursed --dev                      a chain of your own with ten funded accounts\n"
      "  boursed keygen FILE                make a consensus key for a genesis to name\n"
      "  boursed init --genesis FILE --key FILE\n"
      "                                     make a home for the chain of a genesis\n"
      "  boursed start                      run the node of a home\n"
      "  boursed audit                      scan the state of a home for broken laws\n"};
  app.set_version_flag("--version", kVersion);
  Options options;
  options.home = default_home().string();
  const auto add_home = [&](CLI::App* command) {
    command->add_option("--home", options.home, "Home directory; also BOURSE_HOME")
        ->capture_default_str();
  };
  const auto add_port = [&](CLI::App* command) {
    command->add_option("--port", options.port, "RPC port instead of the configured one; 0 = any");
  };
  add_home(&app);
  add_port(&app);
  app.add_flag("--dev", options.dev, "Run a dev chain on loopback, making its home when needed");
  CLI::App* init_command = app.add_subcommand("init", "Make a home for the chain of a genesis");
  add_home(init_command);
  init_command->add_option("--genesis", options.genesis, "Genesis file, JSON")->required();
  init_command->add_option("--key", options.key_file, "Consensus key, made by keygen")->required();
  CLI::App* keygen_command =
      app.add_subcommand("keygen", "Make a consensus key, show its public key");
  keygen_command->add_option("file", options.key_file, "Where to write it")->required();
  CLI::App* start_command = app.add_subcommand("start", "Run the node of a home");
  add_home(start_command);
  add_port(start_command);
  CLI::App* audit_command = app.add_subcommand("audit", "Scan the state of a home for broken laws");
  add_home(audit_command);
  audit_command->add_flag("--from-genesis", options.from_genesis,
                          "Execute every block again and check every signature first");
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (init_command->parsed() || keygen_command->parsed()) {
    const auto made = init_command->parsed() ? init(options) : keygen(options);
    return made ? 0 : report(made.error());
  }
  if (audit_command->parsed()) {
    const auto whole = audit(options);
    if (!whole) return report(whole.error());
    return *whole ? 0 : 1;
  }
  if (options.dev && app.count("--home") == 0 && start_command->count("--home") == 0) {
    options.home = (default_home() / "dev").string();
  }
  if (!options.dev && !start_command->parsed()) {
    fmt::print(stderr, "{}", app.help());
    return 2;
  }
  return run(options);
}

}  // namespace
}  // namespace bourse::node

int main(int argc, char** argv) { return bourse::node::main(argc, argv); }
