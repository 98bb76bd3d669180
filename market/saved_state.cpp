// SPDX-License-Identifier: Apache-2.0
#include "market/saved_state.hpp"

#include <algorithm>
#include <bit>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "base/codec.hpp"

namespace bourse::market {
namespace {

/// The row of height and time stands before all tables; those are counted from 1.
constexpr std::uint8_t kHeadTable = 0;
constexpr std::size_t kKeyBytes = 5;

using RowKey = std::array<std::uint8_t, kKeyBytes>;

RowKey row_key(std::size_t table, std::uint32_t row) {
  return {static_cast<std::uint8_t>(table), static_cast<std::uint8_t>(row >> 24),
          static_cast<std::uint8_t>(row >> 16), static_cast<std::uint8_t>(row >> 8),
          static_cast<std::uint8_t>(row)};
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
Bytes row_of(const chain::Table<Record>& table, std::uint32_t row) {
  const std::uint32_t first = row * kRowRecords;
  const std::uint32_t count = std::min(table.size() - first, kRowRecords);
  CborWriter out;
  out.array(count);
  for (std::uint32_t i = first; i < first + count; ++i) write(out, table.at(i));
  return out.take();
}

template <class Record>
Result<void> write_table(const chain::Table<Record>& table, std::size_t number,
                         const std::vector<std::uint64_t>& words, const chain::RowSink& sink) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::uint64_t word = words[i]; word != 0; word &= word - 1) {
      const auto row =
          static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(word));
      TRY(sink(row_key(number, row), row_of(table, row)));
    }
  }
  return {};
}

/// Takes the rows in their order.
class Loader {
 public:
  Result<void> take(ByteView key, ByteView value) {
    return std::exchange(is_first_, false) ? take_head(key, value) : take_record(key, value);
  }

  Result<State> finish() && {
    std::vector<std::future<bool>> made;
    const auto make_table = [&]<class Record>(chain::PagedArray<Record>& records) {
      made.push_back(std::async(std::launch::async, [&] {
        auto table = chain::Table<Record>::of(std::move(records));
        if (table) state_.table<Record>() = std::move(*table);
        return table.has_value();
      }));
    };
    std::apply([&](auto&... records) { (make_table(records), ...); }, records_);
    bool is_sound = true;
    for (std::future<bool>& one : made) is_sound &= one.get();
    if (!is_sound) return corrupt("a record stands twice");
    if (state_.table<Globals>().size() != 1) return corrupt("it has no globals");
    return std::move(state_);
  }

 private:
  Result<void> take_head(ByteView key, ByteView value) {
    const auto head = decode<Head>(value);
    if (!head || !std::ranges::equal(key, row_key(kHeadTable, 0))) {
      return corrupt("its head is missing or damaged");
    }
    state_.height = head->height;
    state_.time = head->time;
    return {};
  }

  Result<void> take_record(ByteView key, ByteView value) {
    if (key.size() != kKeyBytes) return corrupt("a key is damaged");
    std::optional<Result<void>> taken;
    std::size_t number = kHeadTable;
    const auto try_table = [&](auto& records) {
      if (++number == key[0]) taken = add(records, number, key, value);
    };
    std::apply([&](auto&... records) { (try_table(records), ...); }, records_);
    return taken ? *std::move(taken) : corrupt("a row is of no known table");
  }

  template <class Record>
  static Result<void> add(chain::PagedArray<Record>& records, std::size_t number, ByteView key,
                          ByteView value) {
    const std::uint32_t row = records.size() / kRowRecords;
    if (records.size() % kRowRecords != 0 || !std::ranges::equal(key, row_key(number, row))) {
      return corrupt("a row is missing");
    }
    CborReader in(value);
    const std::uint64_t count = in.array();
    if (count < 1 || count > kRowRecords) in.fail();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
      Record record{};
      read(in, record);
      records.push_back(std::move(record));
    }
    return in.finished() ? Result<void>{} : corrupt("a row is not canonical");
  }

  State state_;  // but for its tables, each of which is made at the end of all its records
  PerRecord<chain::PagedArray> records_;
  bool is_first_ = true;
};

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
  Loader loader;
  TRY(rows([&](ByteView key, ByteView value) { return loader.take(key, value); }));
  return std::move(loader).finish();
}

}  // namespace bourse::market
