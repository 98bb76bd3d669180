// SPDX-License-Identifier: Apache-2.0
//
// Goal: a chain starts only from a genesis that makes sense, and its id names its content and not
// its spelling. Method: one sound genesis, then each rule broken by itself and at its limit.
#include "market/genesis.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "tests/support/world.hpp"

namespace bourse::market {
namespace {

Genesis sound() { return test::test_genesis({}, {{"alice", 1000}, {"bob", 0}}); }

std::string text(const Genesis& genesis) {
  return dump_json(to_json(genesis, JsonStyle{genesis.network}));
}

std::string verdict(const Genesis& genesis) {
  const auto result = check_genesis(genesis);
  return result ? "ok" : result.error().kind;
}

template <class Change>
std::string verdict_after(Change&& change) {
  Genesis genesis = sound();
  change(genesis);
  return verdict(genesis);
}

TEST(Genesis, ReadsBackFromItsJson) {
  for (const Network network : {Network::main, Network::test, Network::dev}) {
    Genesis genesis = sound();
    genesis.network = network;
    const auto read = parse_genesis(text(genesis));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(encode(*read), encode(genesis));
    EXPECT_EQ(chain_id(*read), chain_id(genesis));
  }
}

TEST(Genesis, TheIdIsThatOfTheContent) {
  const Genesis genesis = sound();
  const Json json = to_json(genesis, JsonStyle{});
  EXPECT_EQ(chain_id(parse_genesis(dump_json_pretty(json)).value()), chain_id(genesis));
  Genesis other = genesis;
  other.salt = {1};
  EXPECT_NE(chain_id(other), chain_id(genesis));
  other = genesis;
  other.params.grace = DurationMs(1);
  EXPECT_NE(chain_id(other), chain_id(genesis));
}

TEST(Genesis, RefusesWhatMakesNoSense) {
  EXPECT_EQ(verdict(sound()), "ok");
  const std::string bad = "genesis_invalid";
  EXPECT_EQ(verdict_after([](Genesis& g) { g.validators.clear(); }), bad);
  EXPECT_EQ(verdict_after([](Genesis& g) { g.validators.push_back(g.validators[0]); }), bad);
  EXPECT_EQ(verdict_after([](Genesis& g) { g.validators[0].account = {}; }), bad);
  EXPECT_EQ(verdict_after([](Genesis& g) { g.salt.resize(32); }), "ok");
  EXPECT_EQ(verdict_after([](Genesis& g) { g.salt.resize(33); }), bad);
  EXPECT_EQ(verdict_after([](Genesis& g) { std::swap(g.accounts[0], g.accounts[1]); }), bad);
  EXPECT_EQ(verdict_after([](Genesis& g) { g.accounts[1] = g.accounts[0]; }), bad);
  EXPECT_EQ(verdict_after([](Genesis& g) { g.accounts.clear(); }), bad);
  const auto supply_of = [](std::uint64_t first, std::uint64_t second) {
    return verdict_after([&](Genesis& g) {
      g.accounts[0].balance = Amount(first);
      g.accounts[1].balance = Amount(second);
    });
  };
  EXPECT_EQ(supply_of(0, 0), bad);
  EXPECT_EQ(supply_of(kAmountMax.value(), 0), "ok");
  EXPECT_EQ(supply_of(kAmountMax.value(), 1), bad);
  EXPECT_EQ(supply_of(UINT64_MAX, UINT64_MAX), bad);
}

TEST(Genesis, RefusesParametersThatWouldStopTheChain) {
  const auto with = [](auto&& change) {
    return verdict_after([&](Genesis& g) { change(g.params); });
  };
  const std::string bad = "genesis_invalid";
  EXPECT_EQ(with([](Params& p) { p.late_permille = 1000; }), "ok");
  EXPECT_EQ(with([](Params& p) { p.late_permille = 1001; }), bad);
  EXPECT_EQ(with([](Params& p) { p.inconclusive_permille = 1001; }), bad);
  EXPECT_EQ(with([](Params& p) { p.bond_permille = 100'000; }), "ok");
  EXPECT_EQ(with([](Params& p) { p.bond_permille = 100'001; }), bad);
  EXPECT_EQ(with([](Params& p) { p.timer_fires_max = 0; }), bad);
  EXPECT_EQ(with([](Params& p) { p.match_evaluations_max = 0; }), bad);
  EXPECT_EQ(with([](Params& p) { p.block_weight_max = 0; }), bad);
  EXPECT_EQ(with([](Params& p) { p.block_bytes_max = 128 * 1024 - 1; }), bad);
  EXPECT_EQ(with([](Params& p) { p.fee_per_byte = Amount(1ULL << 63); }), bad);
  const std::uint64_t year = 366ULL * 24 * 3600 * 1000;
  EXPECT_EQ(with([&](Params& p) { p.unbond_delay = DurationMs(year); }), "ok");
  EXPECT_EQ(with([&](Params& p) { p.accept_within = DurationMs(year + 1); }), bad);
  EXPECT_EQ(with([&](Params& p) { p.grace = DurationMs(UINT64_MAX); }), bad);
}

TEST(Genesis, ErrorsInTheTextSayWhere) {
  const auto message = [](const std::string& json) { return parse_genesis(json).error().message; };
  EXPECT_NE(message("[]").find("not a JSON object"), std::string::npos);
  EXPECT_NE(message("{}").find("network is missing"), std::string::npos);
  Json json = to_json(sound(), JsonStyle{});
  json["network"] = "main";
  EXPECT_NE(message(dump_json(json)).find("address"), std::string::npos)
      << "addresses of another network";
  json = to_json(sound(), JsonStyle{});
  json["params"]["acept_within"] = "1";
  EXPECT_NE(message(dump_json(json)).find("did you mean \"accept_within\"?"), std::string::npos);
}

}  // namespace
}  // namespace bourse::market
