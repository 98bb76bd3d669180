// SPDX-License-Identifier: Apache-2.0
//
// Goal: what was saved comes back record by record, from one checkpoint or from many on top of each
// other, and damaged rows are refused. Method: rows in a map, as the store keeps them.
#include "market/saved_state.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "market/job_spec.hpp"
#include "tests/support/world.hpp"

namespace bourse::market {
namespace {

using test::address_of;
using test::World;
using Table = std::map<Bytes, Bytes>;

void add(Table& table, const chain::Rows& rows) {
  Bytes last;
  const auto read = rows([&](ByteView key, ByteView value) -> Result<void> {
    Bytes here(key.begin(), key.end());
    EXPECT_LT(last, here) << "rows ascend";
    last = here;
    table[here] = Bytes(value.begin(), value.end());
    return {};
  });
  EXPECT_TRUE(read);
}

chain::Rows rows_of(const Table& table) {
  return [table](const chain::RowSink& sink) -> Result<void> {
    for (const auto& [key, value] : table) TRY(sink(key, value));
    return {};
  };
}

Table all_of(const State& state) {
  UnsavedRecords all;
  all.add_all(state);
  Table table;
  add(table, std::move(all).rows(std::make_shared<const State>(state)));
  return table;
}

/// The row of accounts with this number.
Bytes account_row(std::uint8_t number) { return {2, 0, 0, 0, number}; }

class SavedState : public testing::Test {
 protected:
  SavedState() {
    for (int i = 0; i < 30; ++i) {
      world_.run("alice", Transfer{address_of("friend " + std::to_string(i)), Amount(5)});
    }
  }
  /// What a market says that is to become the state of these rows. It must be of use afterwards.
  std::string message_of(const Table& table) const {
    Market market(world_.market().genesis());
    const auto restored = market.restore(rows_of(table));
    if (restored) return "ok";
    EXPECT_EQ(restored.error().kind, "checkpoint_corrupt");
    Market fresh(world_.market().genesis());
    fresh.init_chain();
    market.init_chain();
    EXPECT_EQ(market.root(), fresh.root());
    return restored.error().message;
  }
  World world_{test::test_genesis(test::free_params(), {{"alice", 1'000'000}})};
};

TEST_F(SavedState, ComesBackWhole) {
  const Table table = all_of(world_.state());
  const State restored = restore_state(rows_of(table)).value();
  EXPECT_EQ(all_of(restored), table);
  EXPECT_EQ(restored.height, world_.state().height);
  EXPECT_EQ(restored.time, world_.state().time);
  EXPECT_EQ(restored.get<Account>(address_of("friend 7"))->balance, Amount(5));
}

TEST_F(SavedState, CheckpointsAddUp) {
  Market market(world_.market().genesis());
  market.init_chain();
  Table table;
  add(table, market.take_changes());
  Table nothing;
  add(nothing, market.take_changes());
  EXPECT_EQ(nothing.size(), 1u) << "the head alone";

  World other(world_.market().genesis());
  for (int i = 0; i < 5; ++i) {
    const chain::VerifiedTx tx =
        other.sign("alice", {to_operation(Transfer{address_of(std::to_string(i)), Amount(1)})});
    const std::vector txs = {tx};
    market.finalize({1, Height(static_cast<std::uint64_t>(i) + 1), other.now(),
                     ed25519_public(test::consensus_seed())},
                    txs);
    market.commit();
    other.block(txs);
    Table changes;
    add(changes, market.take_changes());
    EXPECT_LE(changes.size(), 5u) << "head, globals, sender, recipient, proposer";
    for (const auto& [key, value] : changes) table[key] = value;
    EXPECT_EQ(table, all_of(*market.snapshot()));
  }
  Market again(world_.market().genesis());
  ASSERT_TRUE(again.restore(rows_of(table)));
  EXPECT_EQ(again.root(), market.root());
}

TEST_F(SavedState, ARecordThatChangesTakesItsRowAlong) {
  const State& state = world_.state();
  const Table table = all_of(state);
  const std::uint32_t accounts = state.table<Account>().size();
  EXPECT_EQ(table.size(), 2 + (accounts + kRowRecords - 1) / kRowRecords) << "head, globals";
  for (const std::uint32_t handle : {0u, kRowRecords - 1, kRowRecords, accounts - 1}) {
    UnsavedRecords one;
    Changes changes;
    std::get<Changed<Account>>(changes).handles = {handle};
    one.add(changes);
    Table written;
    add(written, std::move(one).rows(std::make_shared<const State>(state)));
    const Bytes key = account_row(static_cast<std::uint8_t>(handle / kRowRecords));
    ASSERT_EQ(written.size(), 2u) << "the head is always there";
    EXPECT_EQ(written.at(key), table.at(key));
  }
}

TEST_F(SavedState, DamageIsRefused) {
  const Table good = all_of(world_.state());
  EXPECT_EQ(message_of(good), "ok");
  EXPECT_NE(message_of({}), "ok");
  for (const auto& [key, value] : good) {
    for (const int change : {0, 1, 2, 3}) {
      Table table = good;
      Bytes& row = table[key];
      if (change == 0) table.erase(key);
      if (change == 1) row.pop_back();
      if (change == 2) row.push_back(0);
      if (change == 3) row = std::next(table.begin())->second;  // the globals in another's place
      if (table == good) continue;
      EXPECT_NE(message_of(table), "ok") << to_hex(key) << " change " << change;
    }
  }
  Table table = good;
  table[{9, 0, 0, 0, 0}] = {};
  EXPECT_NE(message_of(table), "ok") << "of no table";
  table = good;
  table[{2, 0, 0, 0}] = {};
  EXPECT_NE(message_of(table), "ok") << "a short key";
}

TEST_F(SavedState, RowsHaveOneForm) {
  const Table good = all_of(world_.state());
  using Row = std::vector<Account>;
  const auto row = [&](std::uint8_t number) {
    return decode<Row>(good.at(account_row(number))).value();
  };
  ASSERT_EQ(row(1).size(), kRowRecords);
  const auto message_with = [&](std::uint8_t number, const Row& records) {
    Table table = good;
    table[account_row(number)] = encode(records);
    return message_of(table);
  };
  Row twice = row(1);
  twice[3] = row(0)[2];
  EXPECT_EQ(message_with(1, twice), "checkpoint: a record stands twice");
  Row shorter = row(1);
  shorter.pop_back();
  EXPECT_EQ(message_with(1, shorter), "checkpoint: a row is missing") << "noticed at the next";
  Row longer = row(1);
  longer.push_back({address_of("nobody"), {}, {}});
  EXPECT_EQ(message_with(1, longer), "checkpoint: a row is not canonical");
  EXPECT_EQ(message_with(1, {}), "checkpoint: a row is not canonical");
}

TEST_F(SavedState, OneThatBreaksALawIsRefused) {
  State state = world_.state();
  state.table<Account>().edit_at(0).balance += Amount(1);
  EXPECT_NE(message_of(all_of(state)).find("the money"), std::string::npos);
}

}  // namespace
}  // namespace bourse::market
