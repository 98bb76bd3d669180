// SPDX-License-Identifier: Apache-2.0
//
// Goal: a Table finds every record by its key through growth, and a rollback leaves no trace.
// Method: keys that all probe from the same slot, a comparison with std::map under random steps
// that are accepted or rolled back, and copies held across all of it.
#include "chain/table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/crypto.hpp"
#include "base/ids.hpp"

namespace bourse::chain {
namespace {

struct Entry {
  Hash id;
  std::uint64_t value = 0;
  const Hash& key() const { return id; }
};

Hash id_of(std::uint32_t number) { return sha256(as_bytes("entry " + std::to_string(number))); }

/// Different keys with the same first eight bytes, which is all that chooses the slot.
Hash colliding(std::uint8_t number) {
  Hash id = id_of(0);
  id.bytes[31] = number;
  return id;
}

using Model = std::map<Hash, std::uint64_t>;

void expect_same(const Table<Entry>& table, const Model& model) {
  ASSERT_EQ(table.size(), model.size());
  for (const auto& [id, value] : model) {
    const Entry* entry = table.get(id);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->value, value);
  }
}

TEST(Table, FindsNothingInAnEmptyOne) {
  const Table<Entry> table;
  EXPECT_EQ(table.find(id_of(1)), std::nullopt);
  EXPECT_EQ(table.get(id_of(1)), nullptr);
}

TEST(Table, FindsEveryRecordThroughGrowth) {
  Table<Entry> table;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(table.insert({id_of(i), i}), i);
    ASSERT_EQ(table.find(id_of(i + 1)), std::nullopt);
    ASSERT_EQ(table.find(id_of(i / 2)), i / 2);
  }
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(table.at(i).id, id_of(i));
    EXPECT_EQ(table.get(id_of(i))->value, i);
  }
}

TEST(Table, ToldApartWhenTheyProbeFromOneSlot) {
  Table<Entry> table;
  for (std::uint8_t i = 0; i < 100; ++i) table.insert({colliding(i), i});
  for (std::uint8_t i = 0; i < 100; ++i) EXPECT_EQ(table.get(colliding(i))->value, i);
  EXPECT_EQ(table.get(colliding(100)), nullptr);
}

TEST(Table, MadeOfAllItsRecordsIsWhatInsertsMake) {
  for (const bool collide : {false, true}) {
    const auto id = [&](std::uint32_t i) {
      return collide ? colliding(static_cast<std::uint8_t>(i)) : id_of(i);
    };
    for (const std::uint32_t count : {0u, 1u, 8u, 9u, 200u}) {
      PagedArray<Entry> records;
      Model model;
      for (std::uint32_t i = 0; i < count; ++i) {
        records.push_back({id(i), i});
        model[id(i)] = i;
      }
      auto table = Table<Entry>::of(records);
      ASSERT_TRUE(table);
      expect_same(*table, model);
      EXPECT_EQ(table->get(id(count)), nullptr);
      EXPECT_EQ(table->insert({id(count), 7}), count);
      model[id(count)] = 7;
      expect_same(*table, model);
    }
    PagedArray<Entry> records;
    for (const std::uint32_t i : {1u, 2u, 3u, 4u, 2u}) records.push_back({id(i), i});
    EXPECT_FALSE(Table<Entry>::of(records)) << "two of one key";
  }
}

TEST(Table, PopTakesBackTheLastInsertEvenAfterGrowth) {
  for (const bool collide : {false, true}) {
    Table<Entry> table;
    const auto id = [&](std::uint8_t i) { return collide ? colliding(i) : id_of(i); };
    for (std::uint8_t i = 0; i < 8; ++i) table.insert({id(i), i});
    table.insert({id(8), 8});  // The ninth makes it grow.
    table.pop();
    table.pop();
    EXPECT_EQ(table.size(), 7u);
    EXPECT_EQ(table.get(id(8)), nullptr);
    EXPECT_EQ(table.get(id(7)), nullptr);
    for (std::uint8_t i = 0; i < 7; ++i) EXPECT_EQ(table.get(id(i))->value, i);
    table.insert({id(8), 80});
    EXPECT_EQ(table.get(id(8))->value, 80u);
  }
}

TEST(Table, ACopyStaysAsItWasThroughGrowthAndPops) {
  Table<Entry> table;
  for (std::uint32_t i = 0; i < 8; ++i) table.insert({id_of(i), i});
  const Table<Entry> copy = table;
  table.edit_at(3).value = 33;
  for (std::uint32_t i = 8; i < 200; ++i) table.insert({id_of(i), i});
  for (int i = 0; i < 195; ++i) table.pop();
  EXPECT_EQ(copy.size(), 8u);
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(copy.get(id_of(i))->value, i);
  EXPECT_EQ(copy.get(id_of(8)), nullptr);
  EXPECT_EQ(table.size(), 5u);
  EXPECT_EQ(table.get(id_of(3))->value, 33u);
}

TEST(TableDeathTest, RefusesASecondRecordOfOneKey) {
  Table<Entry> table;
  table.insert({id_of(1), 1});
  EXPECT_DEATH(table.insert({id_of(1), 2}), "slots_");
}

TEST(TableWriter, TellsWhatChangedAndHowItWasBefore) {
  Table<Entry> table;
  table.insert({id_of(1), 1});
  TableWriter<Entry> writer(table);
  writer.edit(id_of(1)).value = 2;
  writer.edit(id_of(1)).value = 3;
  writer.insert({id_of(2), 20});
  writer.edit(id_of(2)).value = 21;
  ASSERT_EQ(writer.changes().size(), 2u);
  EXPECT_EQ(writer.changes()[0].before->value, 1u);
  EXPECT_EQ(writer.after(writer.changes()[0]).value, 3u);
  EXPECT_FALSE(writer.changes()[1].before);
  EXPECT_EQ(writer.after(writer.changes()[1]).value, 21u);
  writer.accept();
  EXPECT_TRUE(writer.changes().empty());
  writer.edit(id_of(1)).value = 4;
  EXPECT_EQ(writer.changes()[0].before->value, 3u);
}

TEST(TableWriterDeathTest, EditsOnlyWhatIsThere) {
  Table<Entry> table;
  TableWriter<Entry> writer(table);
  EXPECT_EQ(writer.find(id_of(1)), nullptr);
  EXPECT_TRUE(writer.changes().empty());
  EXPECT_DEATH(writer.edit(id_of(1)), "found");
}

TEST(TableWriter, KeepsOrTakesBackWholeStepsLikeAMap) {
  std::mt19937 random(7);
  Table<Entry> table;
  TableWriter<Entry> writer(table);
  Model model;
  std::vector<std::pair<Table<Entry>, Model>> held;
  std::uint32_t next = 0;
  for (int step = 0; step < 400; ++step) {
    Model trial = model;
    const std::uint32_t first = next;
    for (std::uint32_t change = 0; change < random() % 12; ++change) {
      if (next == 0 || random() % 2 == 0) {
        const Entry entry{id_of(next), random() % 1000};
        ++next;
        writer.insert(entry);
        trial[entry.id] = entry.value;
      } else {
        const Hash id = id_of(static_cast<std::uint32_t>(random() % next));
        writer.edit(id).value = trial[id] = random() % 1000;
      }
    }
    if (random() % 2 == 0) {
      writer.accept();
      model = trial;
    } else {
      writer.rollback();
      next = first;
    }
    expect_same(table, model);
    if (step % 40 == 0) held.emplace_back(table, model);
  }
  for (const auto& [copy, content] : held) expect_same(copy, content);
}

}  // namespace
}  // namespace bourse::chain
