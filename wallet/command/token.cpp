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

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// `2.5 BRS`, of grains as the node writes them; nothing when there is no amount.
std::string amount_of(const Json& object, const char* key, JsonStyle style) {
  Amount amount;
  const auto found = object.find(key);
  if (found == object.end() || !from_json(*found, amount, style)) return "";
  return show(amount, style);
}

/// What an operation of the account's, or of somebody who paid it, comes to.
std::string line_of(const Json& operation, bool is_own, JsonStyle style) {
  if (text(operation, "name") != "transfer") return text(operation, "name");
  const Json& fields = operation["fields"];
  const std::string amount = amount_of(fields, "amount", style);
  return is_own ? "sent " + amount + " to " + text(fields, "to") : "received " + amount;
}

/// The lines of one item of a history: each operation of a transaction, or the event.
std::string lines_of(const Json& item, const std::string& own, JsonStyle style) {
  TimeMs time;
  if (!from_json(item.value("time", Json()), time, style)) return "";
  const std::string when = show(time, style) + "  ";
  if (const Json event = item.value("event", Json()); event.is_object()) {
    const std::string amount = amount_of(event, "amount", style);
    return when + text(event, "kind") + (amount.empty() ? "" : " " + amount) +
           (text(event, "job").empty() ? "" : ", job " + text(event, "job")) + "\n";
  }
  const Json tx = item.value("transaction", Json::object());
  const Json receipt = item.value("receipt", Json::object());
  const bool is_own = text(tx, "sender") == own;
  std::string out;
  for (const Json& operation : tx.value("operations", Json::array())) {
    const bool concerns = is_own || text(operation.value("fields", Json::object()), "to") == own;
    if (concerns) out += when + line_of(operation, is_own, style) + "\n";
  }
  if (is_own && text(receipt, "error") != "ok") {
    out += when + "  failed: " + text(receipt, "sentence") + "\n";
  }
  if (is_own) out += when + "  fee " + amount_of(receipt, "fee", style) + "\n";
  return out;
}

struct HistoryArguments {
  std::string whose;
  std::string cursor;
  std::uint32_t limit = 20;
};

Result<Outcome> history(Session& session, const HistoryArguments& arguments) {
  TRY_ASSIGN(const Address address, session.address_or_own(arguments.whose));
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  Json params{{"address", to_json(address, style)}, {"limit", arguments.limit}};
  if (!arguments.cursor.empty()) params["cursor"] = arguments.cursor;
  TRY_ASSIGN(Json page, link->client().call("account_getHistory", params));
  std::string lines;
  const std::string own = show(address, style);
  for (const Json& item : page.value("items", Json::array())) lines += lines_of(item, own, style);
  if (lines.empty()) lines = "nothing yet\n";
  if (const std::string more = text(page, "next_cursor"); !more.empty()) {
    lines += "older ones: --cursor " + more + "\n";
  }
  return Outcome{lines, std::move(page)};
}

void add_history(CLI::App& token, Session& session) {
  CLI::App* verb = add_verb(token, "history", "What moved an account's tokens, newest first",
                            "bourse token history --limit 50");
  auto arguments = std::make_shared<HistoryArguments>();
  verb->add_option("address", arguments->whose, "The account; the wallet's own when absent");
  verb->add_option("--limit", arguments->limit, "How many items")->check(CLI::Range(1, 100));
  verb->add_option("--cursor", arguments->cursor, "Where to go on, as the page before says");
  on_chosen(verb, session, [arguments](Session& s) { return history(s, *arguments); });
}

}  // namespace

void add_token_commands(CLI::App& root, Session& session) {
  CLI::App* token = add_noun(root, "token", "Balances and transfers of BRS");
  CLI::App* verb = add_verb(*token, "balance", "What an account holds", "bourse token balance");
  auto whose = std::make_shared<std::string>();
  verb->add_option("address", *whose, "The account; the wallet's own when absent");
  on_chosen(verb, session, [whose](Session& s) { return balance(s, *whose); });
  add_history(*token, session);
  add_operation(*token, session, "send", "transfer", "bourse token send brsd1... 2.5");
}

}  // namespace bourse::wallet
