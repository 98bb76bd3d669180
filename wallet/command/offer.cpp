// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "market/record/offer.hpp"
#include "rpc/method.hpp"
#include "wallet/command/command.hpp"
#include "wallet/show.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {
namespace {

struct ListArguments {
  std::string state = "open";
  std::string arch;
  std::string provider;
  std::string cursor;
  std::uint32_t limit = 50;
};

Result<Outcome> list(Session& session, const ListArguments& arguments) {
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  Json params{{"limit", arguments.limit}};
  if (arguments.state != "all") params["state"] = arguments.state;
  if (!arguments.arch.empty()) params["arch"] = arguments.arch;
  if (!arguments.provider.empty()) params["provider"] = arguments.provider;
  if (!arguments.cursor.empty()) params["cursor"] = arguments.cursor;
  TRY_ASSIGN(const auto page, link->call<rpc::Page<market::Offer>>("market_listOffers", params));
  std::vector<std::vector<std::string>> rows{{"offer", "state", "arch", "free mCPU", "MiB",
                                              "disk MiB", "GPUs", "1 vCPU hour", "provider"}};
  for (const market::Offer& offer : page.items) {
    const Amount vcpu = offer.terms.prices.cpu_milli_hour.scaled_or(1000, 1, market::kAmountMax);
    rows.push_back({show(offer.id, style), show(offer.state, style), show(offer.terms.arch, style),
                    show(offer.free.cpu_milli, style), show(offer.free.memory_mib, style),
                    show(offer.free.disk_mib, style), show(offer.free.gpus, style),
                    show(vcpu, style), show(offer.provider, style)});
  }
  std::string text = table(rows);
  if (page.next_cursor) text += "more with --cursor " + *page.next_cursor + "\n";
  return Outcome{text, to_json(page, style)};
}

Result<Outcome> show_offer(Session& session, const std::string& id) {
  TRY_ASSIGN(const auto offer, parse_id<OfferId>(id, "an offer"));
  TRY_ASSIGN(NodeLink * link, session.node());
  const JsonStyle style = link->style();
  TRY_ASSIGN(const Json reply,
             link->client().call("market_getOffer", {{"offer", to_json(offer, style)}}));
  TRY_ASSIGN(const auto found, member<market::Offer>(reply, "offer", style));
  Rows rows;
  add_rows(rows, "", found, style);
  return Outcome{aligned(rows, 0), to_json(found, style)};
}

}  // namespace

void add_offer_commands(CLI::App& root, Session& session) {
  CLI::App* offer = add_noun(root, "offer", "Capacity that providers offer");
  CLI::App* verb =
      add_verb(*offer, "list", "Standing offers, newest first", "bourse offer list --arch amd64");
  auto arguments = std::make_shared<ListArguments>();
  verb->add_option("--state", arguments->state, "open, cancelled, expired or all")
      ->capture_default_str();
  verb->add_option("--arch", arguments->arch, "Only those of this architecture");
  verb->add_option("--provider", arguments->provider, "Only those of this provider");
  verb->add_option("--limit", arguments->limit, "At most so many")->check(CLI::Range(1, 200));
  verb->add_option("--cursor", arguments->cursor, "Where the last list ended");
  on_chosen(verb, session, [arguments](Session& s) { return list(s, *arguments); });

  CLI::App* one = add_verb(*offer, "show", "One offer or bid", "bourse offer show 0x...");
  auto id = std::make_shared<std::string>();
  one->add_option("offer", *id, "The offer")->required();
  on_chosen(one, session, [id](Session& s) { return show_offer(s, *id); });

  add_operation(*offer, session, "create", "offer_create",
                "bourse offer create 0x<provider> --terms.arch amd64 --terms.runtimes 0x... "
                "--terms.capacity.cpu_milli 4000 ...",
                "offer");
  add_operation(*offer, session, "change", "offer_change",
                "bourse offer change 0x<offer> --terms.arch amd64 ...");
  add_operation(*offer, session, "cancel", "offer_cancel", "bourse offer cancel 0x<offer>");
}

}  // namespace bourse::wallet
