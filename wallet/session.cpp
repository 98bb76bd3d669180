// SPDX-License-Identifier: Apache-2.0
#include "wallet/session.hpp"

#include <fmt/format.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"
#include "wallet/password.hpp"
#include "wallet/show.hpp"
#include "wallet/terminal.hpp"
#include "wallet/tx_document.hpp"

namespace bourse::wallet {

Outcome Sent::outcome(const std::string& done, JsonStyle style) const {
  if (!height) return {"", unsigned_document(body, style.network)};
  return {done + " (block " + std::to_string(height->value()) + ")\n",
          {{"id", to_json(id, style)}, {"height", to_json(*height, style)}}};
}

Result<std::filesystem::path> Session::wallet_file() const {
  return wallet_path(options.home, options.wallet);
}

Result<NodeLink*> Session::node() {
  if (node_) return &*node_;
  rpc::ClientConfig config;
  config.url = options.node;
  config.trust.ca_file = options.ca_file;
  if (!options.pin.empty()) {
    const auto bytes = from_hex(options.pin);
    config.trust.fingerprint = bytes ? Hash::from(*bytes) : std::nullopt;
    if (!config.trust.fingerprint) {
      return Error{"usage", "--pin is the SHA-256 of the node's certificate: 64 hex digits"};
    }
  }
  TRY_ASSIGN(node_, NodeLink::open(std::move(config)));
  return &*node_;
}

Result<const Signer*> Session::signer() {
  if (signer_) return &*signer_;
  TRY_ASSIGN(const auto path, wallet_file());
  // Without a wallet there is no password to ask for.
  TRY(wallet_address(path));
  TRY_ASSIGN(std::string password, read_password(options.password_file));
  const WipeOnExit wipe(password);
  TRY_ASSIGN(const Signer signer, open_wallet(path, password, options.account));
  signer_.emplace(signer);
  return &*signer_;
}

Result<Address> Session::address() {
  if (!options.from.empty()) {
    TRY_ASSIGN(const NodeLink* link, node());
    return parse_address(options.from, link->style().network);
  }
  if (options.account == 0 && !signer_) {
    TRY_ASSIGN(const auto path, wallet_file());
    return wallet_address(path);
  }
  TRY_ASSIGN(const Signer* own, signer());
  return own->address;
}

Result<Address> Session::address_or_own(const std::string& text) {
  if (text.empty()) return address();
  TRY_ASSIGN(const NodeLink* link, node());
  return parse_address(text, link->style().network);
}

void Session::note(const std::string& text) const {
  if (!options.quiet) fmt::print(stderr, "{}", printable(text));
}

void Session::present(const std::string& text) const {
  if (!options.quiet || !options.yes) fmt::print(stderr, "{}", printable(text));
}

Result<void> Session::confirm(const std::string& question) const {
  if (options.yes) return {};
  return wallet::confirm(question);
}

Result<Draft> Session::propose(std::vector<chain::Operation> operations) {
  TRY_ASSIGN(NodeLink * link, node());
  TRY_ASSIGN(const Address sender, address());
  TRY_ASSIGN(Draft draft, link->draft(sender, std::move(operations)));
  const Bytes raw = encode(chain::Tx{draft.body, {}});
  TRY_ASSIGN(const Json trial, link->client().call("tx_simulate", {{"tx", "0x" + to_hex(raw)}}));
  TRY_ASSIGN(const auto error, member<std::string>(trial, "error", link->style()));
  // Behind transactions that still wait, the node cannot try this one.
  if (error != "ok" && error != "nonce_too_high") {
    TRY_ASSIGN(const auto sentence, member<std::string>(trial, "sentence", link->style()));
    return Error{error, sentence};
  }
  TRY_ASSIGN(const std::string text, describe(draft.body, link->style().network));
  TRY_ASSIGN(const Json account,
             link->client().call("account_get", {{"address", to_json(sender, link->style())}}));
  TRY_ASSIGN(const Amount balance, member<Amount>(account, "balance", link->style()));
  present(text + "The account holds " + show(balance, link->style()) + ".\n");
  return draft;
}

Result<Bytes> Session::sign(const chain::TxBody& body) {
  TRY_ASSIGN(const Signer* own, signer());
  if (own->address != body.sender) {
    return Error{"wrong_account", "the transaction is not for account " +
                                      std::to_string(options.account) + " of wallet " +
                                      options.wallet + "; choose with --wallet and --account"};
  }
  return chain::sign_tx(body, own->key);
}

Result<Sent> Session::send(const Draft& draft) {
  TRY_ASSIGN(NodeLink * link, node());
  TRY_ASSIGN(const Bytes raw, sign(draft.body));
  TRY_ASSIGN(const Height height, link->send_and_wait(raw));
  return Sent{draft.body, height, chain::tx_id(raw)};
}

Result<Sent> Session::submit(std::vector<chain::Operation> operations) {
  TRY_ASSIGN(const Draft draft, propose(std::move(operations)));
  if (options.build_only.empty()) {
    TRY(confirm("Sign and send?"));
    return send(draft);
  }
  TRY_ASSIGN(const NodeLink* link, node());
  const std::string text =
      dump_json_pretty(unsigned_document(draft.body, link->style().network)) + "\n";
  TRY(write_file_atomic(options.build_only, as_bytes(text), 0644));
  note("Wrote the unsigned transaction to " + options.build_only +
       "; sign it with `bourse wallet sign`.\n");
  return Sent{draft.body, std::nullopt, {}};
}

}  // namespace bourse::wallet
