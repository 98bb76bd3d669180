// SPDX-License-Identifier: Apache-2.0
//
// One run of the `bourse` command: its global options, and what commands need of them, opened when
// it is first asked for. Every transaction goes through here, so that none is signed unseen.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "wallet/node_link.hpp"
#include "wallet/wallet_file.hpp"

namespace bourse::wallet {

struct Options {
  std::string home;
  std::string node = "http://127.0.0.1:8580";
  std::string ca_file;
  std::string pin;
  std::string wallet = "default";
  std::uint32_t account = 0;
  std::string from;
  std::string build_only;
  std::string password_file;
  bool json = false;
  bool yes = false;
  bool quiet = false;
};

/// What a command has to say: to people, or with --json to programs.
struct Outcome {
  std::string text;
  Json json;
  int exit_code = 0;
  /// The last line of a stream of JSON objects, and not a document of its own.
  bool is_json_line = false;
};

/// A transaction that was sent, or written to a file to be signed elsewhere.
struct Sent {
  chain::TxBody body;
  /// Nothing when it was only written.
  std::optional<Height> height;
  Hash id;

  /// `done` with the block; in JSON {id, height}, or the unsigned document.
  Outcome outcome(const std::string& done, JsonStyle style) const;
};

class Session {
 public:
  Options options;
  /// Set by the command that was chosen.
  std::function<Result<Outcome>(Session&)> action;

  Result<std::filesystem::path> wallet_file() const;
  Result<NodeLink*> node();
  /// The account's key; asks for the password once.
  Result<const Signer*> signer();
  /// The account's address, without a password where there is another way to know it.
  Result<Address> address();
  /// The address that the user wrote, or the account's own when that is empty.
  Result<Address> address_or_own(const std::string& text);

  /// A note for people on standard error; nothing with --quiet.
  void note(const std::string& text) const;

  /// What is about to be signed. Who is asked sees it, however quiet the rest is.
  void present(const std::string& text) const;

  /// Builds a transaction, has the node try it, and shows it. Error kinds: what would make it fail.
  Result<Draft> propose(std::vector<chain::Operation> operations);
  /// Asks, unless --yes.
  Result<void> confirm(const std::string& question) const;
  /// The signed bytes of a body that was presented. Error kind: wrong_account.
  Result<Bytes> sign(const chain::TxBody& body);
  /// Signs what propose() has shown, and waits until it is in a block.
  Result<Sent> send(const Draft& draft);
  /// All of it: propose, confirm, send; or with --build-only, write the file.
  Result<Sent> submit(std::vector<chain::Operation> operations);

 private:
  std::optional<NodeLink> node_;
  std::optional<Signer> signer_;
};

/// The 0x-hex of an id that a user typed. Error kind: usage.
template <class Id>
Result<Id> parse_id(const std::string& text, std::string_view what) {
  Id id;
  if (from_json(Json(text), id, JsonStyle{})) return id;
  return Error{"usage", std::string(what) + " is 0x and " + std::to_string(2 * Id::size()) +
                            " hex digits, not \"" + text.substr(0, 80) + "\""};
}

}  // namespace bourse::wallet
