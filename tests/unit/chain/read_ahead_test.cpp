// SPDX-License-Identifier: Apache-2.0
//
// Goal: reading ahead changes nothing but the thread that reads: same rows, same order, same
// errors. Method: made-up rows, few and more than may wait, and errors on either side.
#include "chain/read_ahead.hpp"

#include <gtest/gtest.h>

#include <new>
#include <string>
#include <thread>

namespace bourse::chain {
namespace {

/// Rows of different lengths, some of them empty, then `last`.
Rows numbered_rows(std::size_t count, Result<void> last = {}) {
  return [=](const RowSink& sink) -> Result<void> {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string key = i % 7 == 0 ? "" : std::to_string(i);
      TRY(sink(as_bytes(key), Bytes(i % 50 * (i % 3), static_cast<std::uint8_t>(i))));
    }
    return last;
  };
}

struct Taken {
  std::vector<std::pair<Bytes, Bytes>> rows;
  Result<void> result;
};

/// Takes rows and refuses the one after so many.
Taken take(const Rows& rows, std::size_t most = SIZE_MAX) {
  Taken out;
  out.result = rows([&](ByteView key, ByteView value) -> Result<void> {
    if (out.rows.size() == most) return Error{"enough", ""};
    out.rows.emplace_back(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
    return {};
  });
  return out;
}

TEST(ReadAhead, RowsComeAsTheyAre) {
  for (const std::size_t count : {0u, 1u, 100u, 100'000u}) {
    const Taken plain = take(numbered_rows(count));
    const Taken ahead = take(read_ahead(numbered_rows(count)));
    EXPECT_TRUE(ahead.result);
    EXPECT_EQ(ahead.rows.size(), count);
    EXPECT_EQ(ahead.rows, plain.rows);
  }
}

TEST(ReadAhead, AnErrorOfTheRowsComesAfterThoseBeforeIt) {
  for (const std::size_t count : {0u, 5u, 50'000u}) {
    const Taken ahead = take(read_ahead(numbered_rows(count, Error{"torn", ""})));
    ASSERT_TRUE(ahead.result.has_error());
    EXPECT_EQ(ahead.result.error().kind, "torn");
    EXPECT_EQ(ahead.rows.size(), count);
  }
}

TEST(ReadAhead, AnErrorOfTheSinkEndsTheReading) {
  // Without an end: what is waiting fills up, and the reader must be let go.
  std::size_t read = 0;
  const Rows endless = [&](const RowSink& sink) -> Result<void> {
    for (;; ++read) TRY(sink(as_bytes("key"), Bytes(1000)));
  };
  for (const std::size_t most : {0u, 1u, 10'000u}) {
    read = 0;
    const Taken ahead = take(read_ahead(endless), most);
    ASSERT_TRUE(ahead.result.has_error());
    EXPECT_EQ(ahead.result.error().kind, "enough");
    EXPECT_EQ(ahead.rows.size(), most);
    EXPECT_GE(read, most);
  }
  const Taken both = take(read_ahead(numbered_rows(10, Error{"torn", ""})), 10);
  EXPECT_EQ(both.result.error().kind, "torn");
  EXPECT_EQ(take(read_ahead(numbered_rows(10, Error{"torn", ""})), 9).result.error().kind,
            "enough");
}

TEST(ReadAhead, AnExceptionOnEitherSideReachesTheCaller) {
  const Rows torn = [](const RowSink& sink) -> Result<void> {
    TRY(sink(as_bytes("key"), as_bytes("value")));
    throw std::bad_alloc();
  };
  EXPECT_THROW(take(read_ahead(torn)), std::bad_alloc);
  const RowSink full = [](ByteView, ByteView) -> Result<void> { throw std::bad_alloc(); };
  EXPECT_THROW(static_cast<void>(read_ahead(numbered_rows(1'000'000))(full)), std::bad_alloc);
}

TEST(ReadAhead, TheSinkIsCalledByTheCaller) {
  std::thread::id reader;
  const Rows rows = [&](const RowSink& sink) {
    reader = std::this_thread::get_id();
    return sink(as_bytes("key"), as_bytes("value"));
  };
  std::thread::id taker;
  EXPECT_TRUE(read_ahead(rows)([&](ByteView, ByteView) -> Result<void> {
    taker = std::this_thread::get_id();
    return {};
  }));
  EXPECT_EQ(taker, std::this_thread::get_id());
  EXPECT_NE(reader, taker);
}

}  // namespace
}  // namespace bourse::chain
