// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "wallet/command/command.hpp"
#include "wallet/show.hpp"

namespace bourse::wallet {
namespace {

Result<Outcome> balance(Session& session, const std::string& whose) {
  TRY_ASSIGN(const Address address, session.address_or_own(whose));
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  const Json params{{"address", to_json(address, style)}};
  TRY_ASSIGN(Json account, link->client().call("account_get", params));
  TRY_ASSIGN(const auto amount, member<Amount>(account, "balance", style));
  return Outcome{show(amount, style) + "\n", std::move(account)};
}

}  // namespace

void add_token_commands(CLI::App& root, Session& session) {
  CLI::App* token = add_noun(root, "token", "Balances and transfers of BRS");
  CLI::App* verb = add_verb(*token, "balance", "What an account holds", "bourse token balance");
  auto whose = std::make_shared<std::string>();
  verb->add_option("address", *whose, "The account; the wallet's own when absent");
  on_chosen(verb, session, [whose](Session& s) { return balance(s, *whose); });
  add_operation(*token, session, "send", "transfer", "bourse token send brsd1... 2.5");
}

}  // namespace bourse::wallet
