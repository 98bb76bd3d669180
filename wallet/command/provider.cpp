// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "market/job_spec.hpp"
#include "market/tx_types.hpp"
#include "rpc/method.hpp"
#include "wallet/command/command.hpp"
#include "wallet/show.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {
namespace {

struct RegisterArguments {
  std::string agent;
  std::string agent_key_file;
  std::string payout;
  std::string region;
  std::string bond;
  std::string fund_agent;
};

/// The address of the key in a private file: 64 hex digits.
Result<Address> address_of_key_file(const std::string& file) {
  TRY_ASSIGN(Bytes text, read_private_file(file, 256));
  const WipeOnExit wipe_text(text);
  std::string_view hex = as_text(text);
  while (hex.ends_with('\n') || hex.ends_with('\r')) hex.remove_suffix(1);
  if (hex.starts_with("0x")) hex.remove_prefix(2);
  auto bytes = from_hex(hex);
  auto key = bytes ? SecretKey::from(*bytes) : std::nullopt;
  if (!key) return Error{"usage", file + " must hold a key of 64 hex digits"};
  const WipeOnExit wipe_bytes(*bytes);
  const WipeOnExit wipe_key(*key);
  return public_key(*key);
}

Result<Outcome> register_provider(Session& session, const RegisterArguments& arguments) {
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  market::ProviderRegister registration;
  if (arguments.agent_key_file.empty()) {
    TRY_ASSIGN(registration.agent_key, parse_address(arguments.agent, style.network));
  } else {
    TRY_ASSIGN(registration.agent_key, address_of_key_file(arguments.agent_key_file));
  }
  TRY_ASSIGN(registration.payout, session.address_or_own(arguments.payout));
  registration.region = arguments.region;
  TRY_ASSIGN(registration.bond, market::parse_brs(arguments.bond));
  std::vector<chain::Operation> operations{market::to_operation(registration)};
  if (!arguments.fund_agent.empty()) {
    market::Transfer transfer{registration.agent_key, {}};
    TRY_ASSIGN(transfer.amount, market::parse_brs(arguments.fund_agent));
    operations.push_back(market::to_operation(transfer));
  }
  TRY_ASSIGN(const Sent sent, session.submit(std::move(operations)));
  Outcome outcome = sent.outcome("Registered", style);
  // Known before it is sent, so that the agent can be set up while the signature is still awaited.
  const std::string id = show(market::object_id(sent.body.sender, sent.body.nonce, 0), style);
  outcome.json["provider"] = id;
  outcome.text += "provider  " + id + "\n";
  return outcome;
}

Result<Outcome> list(Session& session, bool all) {
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  Json params{{"limit", rpc::kPageMax}};
  if (!all) {
    TRY_ASSIGN(const Address owner, session.address());
    params["owner"] = to_json(owner, style);
  }
  TRY_ASSIGN(const auto page, link->call<rpc::Page<market::Provider>>("provider_list", params));
  std::vector<std::vector<std::string>> rows{
      {"provider", "region", "free bond", "offers", "done", "failed", "late", "lied", "retired"}};
  for (const market::Provider& provider : page.items) {
    rows.push_back({show(provider.id, style), show(provider.region, style),
                    show(provider.bond_free, style), show(provider.offers_open, style),
                    show(provider.done, style), show(provider.failed, style),
                    show(provider.late, style), show(provider.lied, style),
                    show(provider.retired, style)});
  }
  return Outcome{table(rows), to_json(page, style)};
}

Result<Outcome> show_provider(Session& session, const std::string& id) {
  TRY_ASSIGN(const auto provider, parse_id<ProviderId>(id, "a provider"));
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  const Json params{{"provider", to_json(provider, style)}};
  TRY_ASSIGN(Json reply, link->client().call("provider_get", params));
  TRY_ASSIGN(const auto record, member<market::Provider>(reply, "provider", style));
  Rows rows;
  add_rows(rows, "", record, style);
  return Outcome{aligned(rows, 0), std::move(reply)};
}

void add_register(CLI::App& provider, Session& session) {
  CLI::App* verb = add_verb(
      provider, "register", "Registers a provider with its first bond",
      "bourse provider register --agent brsd1... --region eu-west --bond 5 --fund-agent 1");
  auto arguments = std::make_shared<RegisterArguments>();
  auto* agent = verb->add_option_group("agent", "The agent's key");
  agent->add_option("--agent", arguments->agent, "Address of the agent's key")
      ->type_name("ADDRESS");
  agent->add_option("--agent-key-file", arguments->agent_key_file, "File with the agent's key")
      ->type_name("FILE");
  agent->require_option(1);
  verb->add_option("--payout", arguments->payout, "Account that earns; your own when absent")
      ->type_name("ADDRESS");
  verb->add_option("--region", arguments->region, "Where the machine is; may be left out");
  verb->add_option("--bond", arguments->bond, "First bond")->type_name("BRS")->required();
  verb->add_option("--fund-agent", arguments->fund_agent,
                   "Also send the agent so much, for its fees")
      ->type_name("BRS");
  add_build_only(verb, session);
  on_chosen(verb, session, [arguments](Session& s) { return register_provider(s, *arguments); });
}

}  // namespace

void add_provider_commands(CLI::App& root, Session& session) {
  CLI::App* provider = add_noun(root, "provider", "Machines that work for pay");
  add_register(*provider, session);
  add_operation(*provider, session, "update", "provider_update",
                "bourse provider update 0x<provider> brsd1<agent> brsd1<payout>");
  add_operation(*provider, session, "bond", "provider_bond", "bourse provider bond 0x<provider> 5");
  add_operation(*provider, session, "unbond", "provider_unbond",
                "bourse provider unbond 0x<provider> 2");
  add_operation(*provider, session, "retire", "provider_retire",
                "bourse provider retire 0x<provider>");

  CLI::App* verb = add_verb(*provider, "list", "Your providers", "bourse provider list --all");
  auto all = std::make_shared<bool>(false);
  verb->add_flag("--all", *all, "Everybody's");
  on_chosen(verb, session, [all](Session& s) { return list(s, *all); });

  CLI::App* one = add_verb(*provider, "show", "One provider", "bourse provider show 0x...");
  auto id = std::make_shared<std::string>();
  one->add_option("provider", *id, "The provider")->required();
  on_chosen(one, session, [id](Session& s) { return show_provider(s, *id); });
}

}  // namespace bourse::wallet
