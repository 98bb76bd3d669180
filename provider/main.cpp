// SPDX-License-Identifier: Apache-2.0
//
// bourse-provider: the agent of a provider, and what it needs on its machine.
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "base/json_fields.hpp"
#include "base/version.hpp"
#include "provider/agent.hpp"
#include "provider/doctor.hpp"
#include "provider/runtime.hpp"

namespace bourse::provider {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string home;
  std::string node = "http://127.0.0.1:8580";
  std::string ca_file;
  std::string fingerprint;
  std::string provider;
  std::string network = "dev";
  std::string tar;
  Runtime runtime;
  bool json = false;
};

int report(const Error& error) {
  fmt::print(stderr, "bourse-provider: {}\n  ({})\n", error.message, error.kind);
  return 1;
}

std::string default_home() {
  if (const char* home = std::getenv("BOURSE_PROVIDER_HOME")) return home;
  if (const char* data = std::getenv("XDG_DATA_HOME"))
    return std::string(data) + "/bourse-provider";
  const char* user = std::getenv("HOME");
  return std::string(user ? user : ".") + "/.local/share/bourse-provider";
}

fs::path key_path(const Options& options) { return fs::path(options.home) / "agent_key"; }

Result<SecretKey> load_key(const Options& options) {
  const auto bytes = read_private_file(key_path(options), 1024);
  if (!bytes && bytes.error().kind == "file_not_found") {
    return Error{"agent_key_missing",
                 "there is no agent key yet; make one with `bourse-provider "
                 "init`"};
  }
  if (!bytes) return bytes.error();
  std::string hex(as_text(*bytes));
  if (hex.ends_with('\n')) hex.pop_back();
  const auto key = SecretKey::from(from_hex(hex).value_or(Bytes{}));
  if (!key || !public_key(*key)) {
    return Error{"agent_key_invalid", key_path(options).string() + " must hold 64 hex digits"};
  }
  return *key;
}

/// Makes the home with an agent key when there is none, and shows the agent's address.
Result<void> init(const Options& options) {
  Network network{};
  TRY(from_json(Json(options.network), network, JsonStyle{}));
  std::error_code failed;
  fs::create_directories(options.home, failed);
  if (failed) return Error{"file_error", "cannot create " + options.home};
  fs::permissions(options.home, fs::perms::owner_all, failed);
  if (!fs::exists(key_path(options))) {
    SecretKey key;
    do random_bytes(key.bytes);
    while (!public_key(key));
    TRY(create_file_atomic(key_path(options), as_bytes(to_hex(key.bytes) + "\n"), kPrivateMode));
  }
  TRY_ASSIGN(const SecretKey key, load_key(options));
  const std::string address = address_text(public_key(key).value(), network);
  if (options.json) {
    fmt::print("{}\n", dump_json({{"agent", address}, {"home", options.home}}));
  } else {
    fmt::print("home   {}\nagent  {}\n\nRegister it with: bourse provider register --agent {} …\n",
               options.home, address, address);
  }
  return {};
}

/// Builds a runtime from packages, or takes the tree in a tar file.
Result<void> runtime_add(const Options& options) {
  const auto progress = [](std::string_view line) { fmt::print(stderr, "  {}\n", line); };
  TRY_ASSIGN(const Runtime runtime,
             options.tar.empty() ? add_runtime(options.home, options.runtime, progress)
                                 : install_runtime(options.home, options.runtime, options.tar));
  if (options.json) {
    fmt::print("{}\n", dump_json(to_json(runtime, JsonStyle{})));
  } else {
    fmt::print("{}  0x{}\n", runtime.name, to_hex(runtime.digest.bytes));
  }
  return {};
}

void runtime_list(const Options& options) {
  const std::vector<Runtime> runtimes = list_runtimes(options.home);
  if (options.json) {
    fmt::print("{}\n", dump_json(to_json(runtimes, JsonStyle{})));
    return;
  }
  for (const Runtime& runtime : runtimes) {
    fmt::print("{:20}  0x{}  {}\n", runtime.name, to_hex(runtime.digest.bytes),
               fmt::join(runtime.packages, " "));
  }
}

int doctor(const Options& options) {
  const std::vector<Check> checks = examine_machine(options.home);
  if (options.json) {
    fmt::print("{}\n", dump_json(to_json(checks, JsonStyle{})));
  } else {
    for (const Check& check : checks) {
      fmt::print("{:5} {:20} {}\n", enum_name(check.health), check.name, check.sentence);
    }
  }
  return can_run_jobs(checks) ? 0 : 1;
}

Result<AgentConfig> agent_config(const Options& options) {
  AgentConfig config;
  config.home = options.home;
  config.node.url = options.node;
  config.node.trust.ca_file = options.ca_file;
  if (!options.fingerprint.empty()) {
    Hash pin;
    if (const auto read = from_json(Json("0x" + options.fingerprint), pin, JsonStyle{}); !read) {
      return Error{"pin_invalid", "--pin takes the 64 hex digits of a certificate's SHA-256"};
    }
    config.node.trust.fingerprint = pin;
  }
  if (!options.provider.empty()) {
    ProviderId id;
    TRY(from_json(Json(options.provider), id, JsonStyle{}));
    config.provider = id;
  }
  TRY_ASSIGN(config.key, load_key(options));
  return config;
}

/// Runs the agent until SIGINT or SIGTERM.
Result<void> run(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  TRY_ASSIGN(AgentConfig config, agent_config(options));
  SandboxOptions sandbox_options;
  sandbox_options.instance = to_hex(ByteView(public_key(config.key)->bytes).first(6));
  sandbox_options.work_dir = config.home;
  TRY_ASSIGN(Sandbox sandbox, Sandbox::detect(sandbox_options));
  TRY_ASSIGN(FinishedRuns finished, FinishedRuns::open(config.home / "finished"));
  Agent agent(std::move(config), std::move(sandbox), std::move(finished));
  Result<void> result;
  std::jthread thread([&](std::stop_token stop) {
    result = agent.run(stop);
    ::kill(::getpid(), SIGTERM);
  });
  int signal = 0;
  sigwait(&signals, &signal);
  thread.request_stop();
  thread.join();
  return result;
}

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("bourse-provider"));
  spdlog::set_pattern("%H:%M:%S.%e %l %v");
  CLI::App app{
      "The agent of a Bourse provider.\n\n"
      "  bourse-provider init                                  make the agent's key\n"
      "  bourse-provider doctor                                what this machine can contain\n"
      "  bourse-provider runtime add debian12 --packages bowtie2\n"
      "  bourse-provider run --node http://127.0.0.1:8580      work\n"};
  app.set_version_flag("--version", kVersion);
  Options options;
  options.home = default_home();
  app.add_option("--home", options.home, "Home directory; also BOURSE_PROVIDER_HOME")
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print JSON");
  app.fallthrough();
  app.require_subcommand(1);
  CLI::App* init_command = app.add_subcommand("init", "Make the agent's key, show its address");
  init_command->add_option("--network", options.network, "main, test or dev")
      ->capture_default_str();
  CLI::App* doctor_command = app.add_subcommand("doctor", "Say what this machine can contain");
  CLI::App* runtime = app.add_subcommand("runtime", "The root file systems that jobs run in");
  runtime->require_subcommand(1);
  CLI::App* add = runtime->add_subcommand("add", "Build a runtime from Debian packages");
  options.runtime.suite = kDefaultSuite;
  add->add_option("name", options.runtime.name, "What to call it")->required();
  add->add_option("--packages", options.runtime.packages, "Packages, by comma")->delimiter(',');
  add->add_option("--suite", options.runtime.suite, "Debian release")->capture_default_str();
  CLI::App* import = runtime->add_subcommand("import", "Take a root file system from a tar file");
  import->add_option("name", options.runtime.name, "What to call it")->required();
  import->add_option("tar", options.tar, "The tar file")->required();
  CLI::App* list = runtime->add_subcommand("list", "List the runtimes");
  CLI::App* run_command = app.add_subcommand("run", "Work on the provider's assignments");
  run_command->add_option("--node", options.node, "URL of a node")
      ->capture_default_str()
      ->envname("BOURSE_NODE");
  run_command->add_option("--ca", options.ca_file, "PEM file of who signed the node's certificate");
  run_command->add_option("--pin", options.fingerprint, "SHA-256 of the node's certificate, hex");
  run_command->add_option("--provider", options.provider,
                          "Provider id; found by the key if absent");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (doctor_command->parsed()) return doctor(options);
  if (list->parsed()) return runtime_list(options), 0;
  Result<void> result;
  if (init_command->parsed()) result = init(options);
  if (add->parsed() || import->parsed()) result = runtime_add(options);
  if (run_command->parsed()) result = run(options);
  return result ? 0 : report(result.error());
}

}  // namespace
}  // namespace bourse::provider

int main(int argc, char** argv) { return bourse::provider::main(argc, argv); }
