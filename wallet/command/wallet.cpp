// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/bip39.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"
#include "wallet/command/command.hpp"
#include "wallet/password.hpp"
#include "wallet/show.hpp"
#include "wallet/terminal.hpp"
#include "wallet/tx_document.hpp"

namespace bourse::wallet {
namespace {

constexpr std::size_t kWordsBytesMax = 4096;

struct Arguments {
  std::size_t words = 24;
  std::string words_file;
  std::string network;
  std::string file;
  std::string out;
};

/// What can be checked before a secret is made or typed.
Result<std::filesystem::path> new_wallet_file(const Session& session) {
  TRY_ASSIGN(const auto path, session.wallet_file());
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    return Error{"file_exists", "there is a wallet " + path.string() +
                                    " already; choose another name with --wallet"};
  }
  return path;
}

Json addresses(const Address& address) {
  Json out = Json::object();
  for (const Network network : {Network::main, Network::test, Network::dev}) {
    out[std::string(enum_name(network))] = address_text(address, network);
  }
  return out;
}

Result<Outcome> created(const Session& session, const std::filesystem::path& path,
                        ByteView entropy) {
  TRY_ASSIGN(std::string password, choose_password(session.options.password_file));
  const WipeOnExit wipe(password);
  TRY_ASSIGN(const Address address, create_wallet(path, entropy, password));
  const Rows rows{{"wallet", path.string()},
                  {"address", address_text(address, Network::dev) + " on a dev chain"}};
  return Outcome{aligned(rows, 0),
                 {{"name", session.options.wallet},
                  {"file", path.string()},
                  {"addresses", addresses(address)}}};
}

/// Words that were not written down are lost with the password: three of them prove they were.
Result<void> quiz(const std::string& words) {
  std::istringstream stream(words);
  const std::vector<std::string> list{std::istream_iterator<std::string>(stream), {}};
  const std::size_t third = list.size() / 3;
  for (std::size_t asked = 0; asked < 3; ++asked) {
    std::array<std::uint8_t, 1> random;
    random_bytes(random);
    const std::size_t place = asked * third + random[0] % third;
    TRY_ASSIGN(std::string word, ask("Word " + std::to_string(place + 1) + ": "));
    const WipeOnExit wipe(word);
    if (word != list[place]) {
      return Error{"words_not_repeated",
                   "that is another word, and no wallet was made; begin again, pen in hand"};
    }
  }
  return {};
}

Result<Outcome> make_new(const Session& session, std::size_t count) {
  TRY_ASSIGN(const auto path, new_wallet_file(session));
  // BIP39 has 32 bits of entropy for every three words.
  Bytes entropy(count / 3 * 4);
  random_bytes(entropy);
  const WipeOnExit wipe_entropy(entropy);
  TRY_ASSIGN(std::string words, words_from_entropy(entropy));
  const WipeOnExit wipe_words(words);
  if (!session.options.yes) {
    TRY(
        ask("These words are the wallet. Whoever has them has its money, and without them a\n"
            "forgotten password loses it. Write them on paper, in order, and press Enter:\n\n" +
            words + "\n\n"));
    TRY(quiz(words));
  }
  TRY_ASSIGN(Outcome outcome, created(session, path, entropy));
  if (session.options.yes) {
    outcome.text += "words    " + words + "\n";
    outcome.json["words"] = words;
  }
  return outcome;
}

Result<std::string> typed_words(const std::string& file) {
  if (!file.empty()) {
    TRY_ASSIGN(Bytes bytes, read_private_file(file, kWordsBytesMax));
    const WipeOnExit wipe(bytes);
    return std::string(as_text(bytes));
  }
  if (::isatty(STDIN_FILENO) == 0) return read_standard_input();
  return ask("The wallet's words: ");
}

Result<Outcome> restore(const Session& session, const std::string& file) {
  TRY_ASSIGN(const auto path, new_wallet_file(session));
  TRY_ASSIGN(std::string words, typed_words(file));
  const WipeOnExit wipe_words(words);
  TRY_ASSIGN(Bytes entropy, entropy_from_words(words));
  const WipeOnExit wipe_entropy(entropy);
  return created(session, path, entropy);
}

Result<Outcome> list(const Session& session) {
  std::vector<std::vector<std::string>> rows{{"wallet", "address on a dev chain"}};
  Json json = Json::array();
  for (const WalletEntry& entry : list_wallets(session.options.home)) {
    rows.push_back({entry.name, address_text(entry.address, Network::dev)});
    json.push_back({{"name", entry.name}, {"addresses", addresses(entry.address)}});
  }
  return Outcome{table(rows), std::move(json)};
}

Result<Outcome> show_address(Session& session, const std::string& network) {
  TRY_ASSIGN(const Address address, session.address());
  const Json all = addresses(address);
  Rows rows;
  for (const auto& [name, text] : all.items()) rows.emplace_back(name, text.get<std::string>());
  const Json json{{"name", session.options.wallet},
                  {"account", session.options.account},
                  {"path", account_path(session.options.account)},
                  {"addresses", all}};
  if (network.empty()) return Outcome{aligned(rows, 0), json};
  return Outcome{all[network].get<std::string>() + "\n", json};
}

Result<Outcome> sign(Session& session, const Arguments& arguments) {
  TRY_ASSIGN(const TxDocument document, load_tx_document(arguments.file, Network::main));
  if (document.raw) {
    return Error{"tx_document_invalid", "the transaction is signed already; send it"};
  }
  TRY_ASSIGN(const std::string text, describe(document.body, document.network));
  session.present(text);
  TRY(session.confirm("Sign?"));
  TRY_ASSIGN(const Bytes raw, session.sign(document.body));
  const Json json = signed_document(raw, document.network);
  const std::string file = dump_json_pretty(json) + "\n";
  if (arguments.out.empty()) return Outcome{file, json};
  TRY(write_file_atomic(arguments.out, as_bytes(file), 0644));
  return Outcome{"Wrote " + arguments.out + "; send it with `bourse tx send`.\n", json};
}

}  // namespace

void add_wallet_commands(CLI::App& root, Session& session) {
  CLI::App* wallet = add_noun(root, "wallet", "Keys, and signing without a network");
  auto arguments = std::make_shared<Arguments>();

  CLI::App* verb = add_verb(*wallet, "new", "Makes a wallet and shows its words once",
                            "bourse wallet new --wallet savings");
  verb->add_option("--words", arguments->words, "How many words, 12 or 24")
      ->check(CLI::IsMember({12, 24}))
      ->capture_default_str();
  on_chosen(verb, session, [=](Session& s) { return make_new(s, arguments->words); });

  verb = add_verb(*wallet, "restore", "Makes a wallet from its words",
                  "bourse wallet restore --wallet savings");
  verb->add_option("--words-file", arguments->words_file,
                   "Private file with the words; otherwise they are asked for, or piped in")
      ->type_name("FILE");
  on_chosen(verb, session, [=](Session& s) { return restore(s, arguments->words_file); });

  verb = add_verb(*wallet, "list", "The wallets on this machine", "bourse wallet list");
  on_chosen(verb, session, [](Session& s) { return list(s); });

  verb = add_verb(*wallet, "show", "The address of an account",
                  "bourse wallet show --network dev --account 1");
  verb->add_option("--network", arguments->network, "main, test or dev; all when absent")
      ->check(CLI::IsMember({"main", "test", "dev"}));
  on_chosen(verb, session, [=](Session& s) { return show_address(s, arguments->network); });

  verb = add_verb(*wallet, "sign", "Signs a transaction file; needs no node",
                  "bourse wallet sign unsigned.json --out signed.json");
  verb->add_option("file", arguments->file, "Unsigned transaction")->required();
  verb->add_option("--out", arguments->out, "Where to write; standard output when absent")
      ->type_name("FILE");
  on_chosen(verb, session, [=](Session& s) { return sign(s, *arguments); });
}

}  // namespace bourse::wallet
