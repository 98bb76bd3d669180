// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "wallet/command/command.hpp"
#include "wallet/operation_form.hpp"
#include "wallet/show.hpp"
#include "wallet/tx_document.hpp"

namespace bourse::wallet {
namespace {

Result<Outcome> decode_document(const std::string& what, Network network) {
  TRY_ASSIGN(const TxDocument document, load_tx_document(what, network));
  TRY_ASSIGN(std::string text, describe(document.body, document.network));
  if (!document.raw) return Outcome{text + "Not signed.\n", decoded(document)};
  // The chain id is the transaction's own: whether it is the right one only a node knows.
  const auto verified = chain::verify_tx(*document.raw, document.body.chain_id);
  text += verified ? "The signature is the sender's.\n" : "THE SIGNATURE IS NOT THE SENDER'S.\n";
  text += "id  " + show(chain::tx_id(*document.raw), JsonStyle{document.network}) + "\n";
  return Outcome{text, decoded(document)};
}

Result<Outcome> send(Session& session, const std::string& what) {
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  TRY_ASSIGN(const TxDocument document, load_tx_document(what, style.network));
  if (!document.raw) {
    return Error{"tx_document_invalid",
                 "the transaction is not signed; sign it with `bourse wallet sign`"};
  }
  TRY(chain::verify_tx(*document.raw, link->chain_id()));
  TRY_ASSIGN(const std::string text, describe(document.body, style.network));
  session.note(text);
  TRY_ASSIGN(const Height height, link->send_and_wait(*document.raw));
  return Sent{document.body, height, chain::tx_id(*document.raw)}.outcome("Done", style);
}

Result<Outcome> build(Session& session,
                      const std::function<Result<chain::Operation>(JsonStyle)>& filled) {
  TRY_ASSIGN(const NodeLink* link, session.node());
  TRY_ASSIGN(chain::Operation operation, filled(link->style()));
  TRY_ASSIGN(const Draft draft, session.propose({std::move(operation)}));
  const Json document = unsigned_document(draft.body, link->style().network);
  return Outcome{dump_json_pretty(document) + "\n", document};
}

void add_build(CLI::App& tx, Session& session) {
  CLI::App* builder = add_noun(
      tx, "build", "Prints the unsigned transaction of any operation, to sign with `wallet sign`");
  builder->add_option("--from", session.options.from, "Account to build for; your own when absent")
      ->type_name("ADDRESS");
  for (const OperationForm& form : operation_forms()) {
    CLI::App* verb = add_verb(*builder, form.name, form.doc,
                              "bourse tx build " + form.name + " ... > unsigned.json");
    on_chosen(verb, session,
              [filled = add_form(verb, form)](Session& s) { return build(s, filled); });
  }
}

}  // namespace

void add_tx_commands(CLI::App& root, Session& session) {
  CLI::App* tx = add_noun(root, "tx", "Transactions as files");
  auto what = std::make_shared<std::string>();
  auto network = std::make_shared<Network>(Network::main);
  const std::map<std::string, Network> networks{
      {"main", Network::main}, {"test", Network::test}, {"dev", Network::dev}};

  CLI::App* verb = add_verb(*tx, "decode", "Shows what a transaction does; needs no node",
                            "bourse tx decode unsigned.json");
  verb->add_option("transaction", *what, "File or 0x-hex")->required();
  verb->add_option("--network", *network, "How to spell addresses when the file does not say")
      ->transform(CLI::CheckedTransformer(networks));
  on_chosen(verb, session, [=](Session&) { return decode_document(*what, *network); });

  verb = add_verb(*tx, "send", "Sends a signed transaction", "bourse tx send signed.json");
  verb->add_option("transaction", *what, "File or 0x-hex")->required();
  on_chosen(verb, session, [what](Session& s) { return send(s, *what); });

  add_build(*tx, session);
}

}  // namespace bourse::wallet
