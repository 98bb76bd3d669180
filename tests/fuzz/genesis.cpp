// SPDX-License-Identifier: Apache-2.0
//
// A genesis in JSON: what is accepted starts a chain, and says the same when it is written again.
#include "market/market.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/world.hpp"

namespace bourse::fuzz {

void one(ByteView data) {
  const auto genesis = market::parse_genesis(as_text(data));
  if (!genesis) return;
  const Json json = to_json(*genesis, JsonStyle{genesis->network});
  const auto again = market::parse_genesis(dump_json(json));
  CHECK(again && market::chain_id(*again) == market::chain_id(*genesis));
  market::Market market(*genesis);
  market.init_chain();
  market.finalize({1, Height(1), genesis->time, {}}, {});
  market.commit();
  market.root();
}

std::vector<Bytes> seeds() {
  const auto genesis = test::test_genesis({}, {{"alice", 1000}, {"bob", 2000}});
  const Json json = to_json(genesis, JsonStyle{});
  std::vector<Bytes> out;
  for (const std::string& text : {dump_json(json), dump_json_pretty(json)}) {
    out.emplace_back(text.begin(), text.end());
  }
  return out;
}

}  // namespace bourse::fuzz
