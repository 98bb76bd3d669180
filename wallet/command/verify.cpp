// SPDX-License-Identifier: Apache-2.0
#include "wallet/verify.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/codec.hpp"
#include "base/files.hpp"
#include "wallet/command/command.hpp"
#include "wallet/show.hpp"

namespace bourse::wallet {
namespace {

constexpr std::size_t kProofFileMax = 1 << 20;
constexpr const char* kTrust =
    "What is trusted is the chain id, and nothing that the node says: the genesis must hash to "
    "it,\n"
    "a validator of the genesis must have signed the header, and the record must be under the\n"
    "header's state root. Without --chain-id the node's own word is taken for the chain. A node\n"
    "may answer with an old state: look at the time of the block.";

struct Arguments {
  std::string chain_id;
  std::string what;
};

Result<Hash> trusted_chain(Session& session, const NodeLink& link, const std::string& given) {
  if (!given.empty()) return parse_id<Hash>(given, "a chain id");
  session.note("The chain id is the node's own word: pass --chain-id to check it too.\n");
  return link.chain_id();
}

template <class Record>
struct Kind {};

struct Shown {
  Rows rows;
  Json json;
};

/// The record in words. Error kind: proof_malformed.
Result<Shown> shown(const market::ProvedRecord& proved, JsonStyle style) {
  if (!proved.record) return Shown{{{"record", "there is none"}}, nullptr};
  Result<Shown> out = Error{"proof_malformed", "the record is of no table that is known here"};
  const auto try_kind = [&]<class Record>(Kind<Record>) {
    if (proved.table != Record::table) return;
    const auto record = decode<Record>(*proved.record);
    if (!record) return;
    Rows rows;
    add_rows(rows, "", *record, style);
    out = Shown{std::move(rows), to_json(*record, style)};
  };
  std::apply([&](auto... kinds) { (try_kind(kinds), ...); }, market::PerRecord<Kind>{});
  return out;
}

Result<Outcome> verify_proof(Session& session, const Arguments& arguments,
                             const market::ProvedRecord& proved) {
  TRY_ASSIGN(NodeLink * link, session.node());
  TRY_ASSIGN(const Hash chain, trusted_chain(session, *link, arguments.chain_id));
  TRY_ASSIGN(const SignedHeader confirmed, verify(*link, chain, proved));
  const JsonStyle style = link->style();
  TRY_ASSIGN(Shown record, shown(proved, style));
  const chain::Header& header = confirmed.header;
  Rows rows = std::move(record.rows);
  rows.emplace_back("state key", show(proved.state_key, style));
  rows.emplace_back("confirmed by", "block " + show(header.height, style) + ", made at " +
                                        show(header.time, style));
  rows.emplace_back("block hash", show(confirmed.hash, style));
  rows.emplace_back("signed by", show(header.proposer, style));
  rows.emplace_back("chain", show(header.chain_id, style));
  const std::string text = fmt::format("Proved: {} 0x{}, as the state was before block {}\n",
                                       proved.table, to_hex(proved.key), header.height.value());
  return Outcome{text + aligned(rows, 2),
                 {{"table", proved.table},
                  {"record", std::move(record.json)},
                  {"header", to_json(confirmed, style)},
                  {"proof", to_json(proved, style)}}};
}

Result<Outcome> verify_record(Session& session, const Arguments& arguments, std::string_view table,
                              Bytes key) {
  TRY_ASSIGN(NodeLink * link, session.node());
  const Json params{{"table", table}, {"key", "0x" + to_hex(key)}};
  TRY_ASSIGN(const auto proved, link->call<market::ProvedRecord>("chain_getProof", params));
  if (proved.table != table || proved.key != key) {
    return Error{"proof_of_other_fact", "the node has sent the proof of another record"};
  }
  return verify_proof(session, arguments, proved);
}

Result<Outcome> verify_account(Session& session, const Arguments& arguments) {
  TRY_ASSIGN(const Address address, session.address_or_own(arguments.what));
  return verify_record(session, arguments, market::Account::table,
                       Bytes(address.bytes.begin(), address.bytes.end()));
}

template <class Record>
Result<Outcome> verify_object(Session& session, const Arguments& arguments) {
  using Id = typename chain::Table<Record>::Key;
  TRY_ASSIGN(const Id id, parse_id<Id>(arguments.what, "the id"));
  return verify_record(session, arguments, Record::table, Bytes(id.bytes.begin(), id.bytes.end()));
}

Result<Outcome> verify_file(Session& session, const Arguments& arguments) {
  const std::string path = arguments.what == "-" ? "/dev/stdin" : arguments.what;
  TRY_ASSIGN(const Bytes text, read_file(path, kProofFileMax));
  TRY_ASSIGN(const Json json, parse_json(as_text(text)));
  TRY_ASSIGN(const NodeLink* link, session.node());
  market::ProvedRecord proved;
  // What this command prints with --json holds the proof as a member.
  const auto inner = json.is_object() ? json.find("proof") : json.end();
  const bool is_whole = inner != json.end() && inner->contains("proof");
  TRY(from_json(is_whole ? *inner : json, proved, link->style()));
  return verify_proof(session, arguments, proved);
}

}  // namespace

void add_verify_commands(CLI::App& root, Session& session) {
  CLI::App* noun = add_noun(root, "verify", "Checks the node's word against the validator's");
  const auto arguments = std::make_shared<Arguments>();
  const auto add = [&](const char* name, const char* doc, const char* what, const char* example,
                       Result<Outcome> (*action)(Session&, const Arguments&)) {
    CLI::App* verb =
        add_verb(*noun, name, doc, std::string("bourse verify ") + name + " " + example);
    verb->footer(std::string(kTrust) + "\n" + verb->get_footer());
    verb->add_option(what, arguments->what)->required();
    verb->add_option("--chain-id", arguments->chain_id, "The chain that is trusted")
        ->type_name("HEX")
        ->envname("BOURSE_CHAIN_ID");
    on_chosen(verb, session, [=](Session& s) { return action(s, *arguments); });
  };
  add("account", "What an account holds, or that it holds nothing", "address", "brsd1...",
      verify_account);
  add("job", "A job's record", "job", "0x...", verify_object<market::Job>);
  add("offer", "The record of an offer or a bid", "offer", "0x...", verify_object<market::Offer>);
  add("proof", "A reply of chain_getProof, from a file or - for standard input", "file",
      "proof.json", verify_file);
}

}  // namespace bourse::wallet
