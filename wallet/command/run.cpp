// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/version.hpp"
#include "wallet/command/command.hpp"
#include "wallet/exit_code.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {
namespace {

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0 ok   1 failure   2 usage   3 not found   4 wallet locked or wrong key\n"
    "  5 node unreachable   6 rejected by the chain   7 timeout   8 job failed   130 interrupted\n"
    "Examples:\n"
    "  bourse wallet new\n"
    "  bourse token send brsd1... 2.5\n"
    "  bourse job run job.toml --wait --out results";

/// Neither another process of the user nor a core file may read this one's keys.
void keep_memory_private() {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

std::string default_home() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data && *data == '/') return std::string(data) + "/bourse";
  const char* home = std::getenv("HOME");
  return std::string(home ? home : ".") + "/.local/share/bourse";
}

void add_options(CLI::App& root, Options& options) {
  const auto text = [&](const char* name, std::string& value, const char* type, const char* doc) {
    return root.add_option(name, value, doc)->type_name(type)->capture_default_str();
  };
  options.home = default_home();
  text("--home", options.home, "DIR", "Where wallets are")->envname("BOURSE_HOME");
  text("--node", options.node, "URL", "The node to ask")->envname("BOURSE_NODE");
  text("--ca", options.ca_file, "FILE", "Authorities that may sign an https node's certificate");
  text("--pin", options.pin, "HEX", "SHA-256 of the certificate of an https node");
  text("--wallet", options.wallet, "NAME", "Which wallet")->envname("BOURSE_WALLET");
  root.add_option("--account", options.account, "Which account of the wallet")
      ->type_name("N")
      ->capture_default_str();
  text("--password-file", options.password_file, "FILE",
       "Password in the first line, instead of asking; a private file or /dev/stdin")
      ->envname("BOURSE_PASSWORD_FILE");
  root.add_flag("--json", options.json, "One JSON document on standard output");
  root.add_flag("--yes", options.yes, "Sign without a question");
  root.add_flag("-q,--quiet", options.quiet, "No notes and no progress");
}

int report(const Error& error, bool json) {
  if (json) {
    const Json document{{"error", {{"kind", error.kind}, {"message", error.message}}}};
    fmt::print(stderr, "{}\n", dump_json(document));
  } else {
    fmt::print(stderr, "bourse: {} ({})\n", printable(error.message), printable(error.kind));
  }
  return static_cast<int>(exit_code(error.kind));
}

int execute(Session& session) {
  const auto outcome = session.action(session);
  if (!outcome) return report(outcome.error(), session.options.json);
  if (session.options.json) {
    const bool is_line = outcome->is_json_line;
    fmt::print("{}\n", is_line ? dump_json(outcome->json) : dump_json_pretty(outcome->json));
  } else {
    fmt::print("{}", printable(outcome->text));
  }
  // A full disk behind a redirection must not pass for success.
  if (std::fflush(stdout) != 0) {
    return report({"output_failed", "standard output cannot be written"}, session.options.json);
  }
  return outcome->exit_code;
}

}  // namespace

int run(int argc, char** argv) {
  keep_memory_private();
  Session session;
  CLI::App root("A client of the Bourse market: wallets, transfers, jobs, offers, providers.",
                "bourse");
  root.fallthrough();
  root.set_version_flag("--version", std::string("bourse ") + kVersion);
  add_options(root, session.options);
  add_wallet_commands(root, session);
  add_token_commands(root, session);
  add_job_commands(root, session);
  add_offer_commands(root, session);
  add_provider_commands(root, session);
  add_tx_commands(root, session);
  add_verify_commands(root, session);
  root.require_subcommand(1);
  root.footer(kFooter);
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return root.exit(asked);
  } catch (const CLI::ParseError& error) {
    return report({"usage", std::string(error.what()) + "; see --help"}, session.options.json);
  }
  try {
    return execute(session);
  } catch (const std::exception& failure) {
    return report({"internal_error", failure.what()}, session.options.json);
  }
}

}  // namespace bourse::wallet
