// SPDX-License-Identifier: Apache-2.0
#include "market/saved_state.hpp"

#include <bit>

#include "base/codec.hpp"
#include "market/invariants.hpp"

namespace bourse::market {
namespace {

/// The row of height and time stands before all tables; those are counted from 1.
constexpr std::uint8_t kHeadTable = 0;
constexpr std::size_t kKeyBytes = 5;

using RowKey = std::array<std::uint8_t, kKeyBytes>;

RowKey row_key(std::size_t table, std::uint32_t handle) {
  return {static_cast<std::uint8_t>(table), static_cast<std::uint8_t>(handle >> 24),
          static_cast<std::uint8_t>(handle >> 16), static_cast<std::uint8_t>(handle >> 8),
          static_cast<std::uint8_t>(handle)};
}

struct Head {
  Height height;
  TimeMs time;

  static constexpr auto fields() {
    return std::tuple{field("height", &Head::height, "The block that the state follows."),
                      field("time", &Head::time, "Its time.")};
  }
};

Error corrupt(std::string why) { return Error{"checkpoint_corrupt", "checkpoint: " + why}; }

template <class Record>
Result<void> write_table(const chain::Table<Record>& table, std::size_t number,
                         const std::vector<std::uint64_t>& words, const chain::RowSink& sink) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::uint64_t word = words[i]; word != 0; word &= word - 1) {
      const auto handle =
          static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(word));
      TRY(sink(row_key(number, handle), encode(table.at(handle))));
    }
  }
  return {};
}

template <class Record>
Result<void> restore_record(chain::Table<Record>& table, ByteView value) {
  auto record = decode<Record>(value);
  if (!record) return corrupt("a record is not canonical");
  if (table.get(record->key())) return corrupt("a record stands twice");
  table.insert(std::move(*record));
  return {};
}

Result<void> restore_head(State& state, ByteView key, ByteView value) {
  const auto head = decode<Head>(value);
  if (!head || !std::ranges::equal(key, row_key(kHeadTable, 0))) {
    return corrupt("its head is missing or damaged");
  }
  state.height = head->height;
  state.time = head->time;
  return {};
}

Result<void> restore_row(State& state, ByteView key, ByteView value) {
  if (key.size() != kKeyBytes) return corrupt("a key is damaged");
  Result<void> result = corrupt("a row is of no known table");
  std::size_t number = kHeadTable;
  const auto try_table = [&](auto& table) {
    if (++number != key[0]) return;
    const bool is_next = std::ranges::equal(key, row_key(number, table.size()));
    result = is_next ? restore_record(table, value) : corrupt("a row is missing");
  };
  std::apply([&](auto&... tables) { (try_table(tables), ...); }, state.tables);
  return result;
}

}  // namespace

void UnsavedRecords::add(const Changes& changes) {
  const auto add_table = [&]<class Record>(const Changed<Record>& changed) {
    for (const std::uint32_t handle : changed.handles) std::get<Marks<Record>>(marks_).set(handle);
  };
  std::apply([&](const auto&... changed) { (add_table(changed), ...); }, changes);
}

void UnsavedRecords::add_all(const State& state) {
  const auto add_table = [&]<class Record>(const chain::Table<Record>& table) {
    for (std::uint32_t i = 0; i < table.size(); ++i) std::get<Marks<Record>>(marks_).set(i);
  };
  std::apply([&](const auto&... tables) { (add_table(tables), ...); }, state.tables);
}

chain::Rows UnsavedRecords::rows(std::shared_ptr<const State> state) && {
  return [marks = std::move(marks_), state](const chain::RowSink& sink) -> Result<void> {
    TRY(sink(row_key(kHeadTable, 0), encode(Head{state->height, state->time})));
    std::size_t number = kHeadTable;
    Result<void> result;
    const auto write = [&]<class Record>(const Marks<Record>& table) {
      ++number;
      if (result) result = write_table(state->table<Record>(), number, table.words, sink);
    };
    std::apply([&](const auto&... tables) { (write(tables), ...); }, marks);
    return result;
  };
}

Result<State> restore_state(const chain::Rows& rows) {
  State state;
  bool is_first = true;
  TRY(rows([&](ByteView key, ByteView value) {
    return std::exchange(is_first, false) ? restore_head(state, key, value)
                                          : restore_row(state, key, value);
  }));
  if (state.table<Globals>().size() != 1) return corrupt("it has no globals");
  for (const std::string& violation : audit(state)) return corrupt(violation);
  return state;
}

}  // namespace bourse::market
