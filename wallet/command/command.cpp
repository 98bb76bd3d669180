// SPDX-License-Identifier: Apache-2.0
#include "wallet/command/command.hpp"

#include <CLI/CLI.hpp>

#include "market/tx/tx_context.hpp"
#include "wallet/operation_form.hpp"

namespace bourse::wallet {

CLI::App* add_noun(CLI::App& root, const std::string& name, const std::string& doc) {
  CLI::App* noun = root.add_subcommand(name, doc);
  noun->require_subcommand(1);
  return noun;
}

CLI::App* add_verb(CLI::App& noun, const std::string& name, const std::string& doc,
                   const std::string& example) {
  CLI::App* verb = noun.add_subcommand(name, doc);
  verb->require_subcommand(0, 0);
  verb->footer("Example:\n  " + example);
  return verb;
}

void on_chosen(CLI::App* verb, Session& session, std::function<Result<Outcome>(Session&)> action) {
  verb->final_callback([&session, action = std::move(action)] { session.action = action; });
}

void add_build_only(CLI::App* verb, Session& session) {
  CLI::Option* file =
      verb->add_option("--build-only", session.options.build_only,
                       "Write the unsigned transaction to this file instead of sending it");
  file->type_name("FILE");
  verb->add_option("--from", session.options.from,
                   "Account to build for, when its wallet is on another machine")
      ->type_name("ADDRESS")
      ->needs(file);
}

std::function<Result<chain::Operation>(JsonStyle)> add_form(CLI::App* verb,
                                                            const OperationForm& form) {
  auto values = std::make_shared<FormValues>();
  for (const FormField& field : form.fields) {
    // A field at the top may also be given by its place: `bourse token send ADDRESS 2.5`.
    const bool has_place = field.is_required && field.name.find('.') == std::string::npos;
    const std::string names = (has_place ? field.name + "," : "") + "--" + field.name;
    CLI::Option* option = verb->add_option(names, (*values)[field.name], field.doc);
    option->type_name(field.value_name)->expected(1)->allow_extra_args(false);
    if (field.is_list) {
      option->expected(0, CLI::detail::expected_max_vector_size)->allow_extra_args();
    }
    if (field.is_required) option->required();
  }
  return [values, &form](JsonStyle style) { return fill(form, *values, style); };
}

CLI::App* add_operation(CLI::App& noun, Session& session, const std::string& name,
                        std::string_view operation, const std::string& example,
                        const std::string& created) {
  const OperationForm& form = operation_form(operation);
  CLI::App* verb = add_verb(noun, name, form.doc, example);
  const auto filled = add_form(verb, form);
  add_build_only(verb, session);
  on_chosen(verb, session, [filled, created](Session& s) -> Result<Outcome> {
    TRY_ASSIGN(const NodeLink* link, s.node());
    const JsonStyle style = link->style();
    TRY_ASSIGN(chain::Operation made, filled(style));
    TRY_ASSIGN(const Sent sent, s.submit({std::move(made)}));
    Outcome outcome = sent.outcome("Done", style);
    if (!created.empty() && sent.height) {
      const auto id = market::object_id(sent.body.sender, sent.body.nonce, 0);
      outcome.json[created] = to_json(id, style);
      outcome.text += created + "  " + outcome.json[created].get<std::string>() + "\n";
    }
    return outcome;
  });
  return verb;
}

}  // namespace bourse::wallet
