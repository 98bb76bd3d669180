// SPDX-License-Identifier: Apache-2.0
//
// The nouns of the `bourse` command. Each file here adds the verbs of one noun to the parser; a
// verb is a struct of its arguments and a function that runs on the session.
#pragma once

#include "wallet/session.hpp"

namespace CLI {
class App;
}

namespace bourse::wallet {

struct OperationForm;

void add_wallet_commands(CLI::App& root, Session& session);
void add_token_commands(CLI::App& root, Session& session);
void add_job_commands(CLI::App& root, Session& session);
void add_offer_commands(CLI::App& root, Session& session);
void add_provider_commands(CLI::App& root, Session& session);
void add_tx_commands(CLI::App& root, Session& session);
void add_verify_commands(CLI::App& root, Session& session);

CLI::App* add_noun(CLI::App& root, const std::string& name, const std::string& doc);
/// A verb under `noun`, of which exactly one must be given.
CLI::App* add_verb(CLI::App& noun, const std::string& name, const std::string& doc,
                   const std::string& example);
/// What to run when `verb` was chosen.
void on_chosen(CLI::App* verb, Session& session, std::function<Result<Outcome>(Session&)> action);
/// Where a verb may write the transaction instead of sending it.
void add_build_only(CLI::App* verb, Session& session);

/// Adds a flag for each field of the form. The returned function makes the operation of what was
/// given.
std::function<Result<chain::Operation>(JsonStyle)> add_form(CLI::App* verb,
                                                            const OperationForm& form);
/// A verb that sends one operation. `created` names the object that the operation makes, whose id
/// is then told; empty for none.
CLI::App* add_operation(CLI::App& noun, Session& session, const std::string& name,
                        std::string_view operation, const std::string& example,
                        const std::string& created = "");

/// The program, in run.cpp. Returns its exit code.
int run(int argc, char** argv);

}  // namespace bourse::wallet
