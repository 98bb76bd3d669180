// SPDX-License-Identifier: Apache-2.0
//
// Goal: every operation and every record goes through its bytes and its JSON unchanged, and no
// other bytes mean it. Method: random instances of each type by its field table, cut, lengthened
// and changed in every bit.
#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "chain/block.hpp"
#include "market/event.hpp"
#include "market/job_spec.hpp"
#include "market/market.hpp"
#include "market/result.hpp"
#include "tests/support/random_fields.hpp"

namespace bourse::market {
namespace {

constexpr JsonStyle kStyle{Network::test};

template <class T>
void expect_one_encoding(Bytes data) {
  for (std::size_t cut = 0; cut < data.size(); ++cut) {
    EXPECT_FALSE(decode<T>(ByteView(data).first(cut))) << "cut to " << cut;
  }
  for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
    data[bit / 8] ^= mask;
    const auto read = decode<T>(data);
    EXPECT_TRUE(!read || encode(*read) == data) << "bit " << bit;
    data[bit / 8] ^= mask;
  }
  data.push_back(0);
  EXPECT_FALSE(decode<T>(data)) << "a byte too many";
}

template <class T>
void expect_round_trips(test::RandomFields& random) {
  for (int i = 0; i < 30; ++i) {
    const T value = random.make<T>();
    const Bytes data = encode(value);
    const auto read = decode<T>(data);
    ASSERT_TRUE(read);
    EXPECT_EQ(encode(*read), data);
    const Json json = parse_json(dump_json(to_json(value, kStyle))).value();
    T from{};
    const auto result = from_json(json, from, kStyle);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(encode(from), data);
    if (i < 2) expect_one_encoding<T>(data);
  }
  expect_one_encoding<T>(encode(T{}));
}

TEST(Codec, EveryOperation) {
  test::RandomFields random(1);
  TxTypes::for_each([&]<class T>(const T&) {
    SCOPED_TRACE(T::name);
    expect_round_trips<T>(random);
  });
}

template <class T>
struct Kind {};

TEST(Codec, EveryRecord) {
  test::RandomFields random(2);
  const auto one = [&]<class Record>(Kind<Record>) {
    SCOPED_TRACE(Record::table);
    expect_round_trips<Record>(random);
  };
  std::apply([&](auto... kinds) { (one(kinds), ...); }, PerRecord<Kind>{});
}

TEST(Codec, EverythingElseThatIsSentOrStored) {
  test::RandomFields random(3);
  expect_round_trips<Event>(random);
  expect_round_trips<Genesis>(random);
  expect_round_trips<StorageReceipt>(random);
  expect_round_trips<ResultBundle>(random);
  expect_round_trips<JobSpec>(random);
  expect_round_trips<chain::Receipt>(random);
  expect_round_trips<chain::Header>(random);
  expect_round_trips<chain::Tx>(random);
}

TEST(Codec, AnOperationIsReadByItsNumber) {
  TxTypes::for_each([&]<class T>(const T& tx) {
    const auto read = decode_operation(to_operation(tx));
    ASSERT_TRUE(read.has_value()) << T::name;
    EXPECT_TRUE(std::holds_alternative<T>(*read)) << T::name;
    chain::Operation longer = to_operation(tx);
    longer.body.push_back(0);
    EXPECT_EQ(decode_operation(longer).error(), TxError::operation_malformed);
  });
  EXPECT_EQ(decode_operation({0, {}}).error(), TxError::operation_type_unknown);
  EXPECT_EQ(decode_operation({UINT16_MAX, {}}).error(), TxError::operation_type_unknown);
}

TEST(ErrorTable, HasOneRowForEachNumberAndName) {
  std::set<std::uint16_t> numbers;
  std::set<std::string_view> names;
  for (const ErrorInfo& info : kErrors) {
    EXPECT_TRUE(numbers.insert(static_cast<std::uint16_t>(info.error)).second) << info.name;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(find_error(static_cast<std::uint16_t>(info.error)), &info);
    EXPECT_EQ(to_error(info.error).kind, info.name);
    EXPECT_TRUE(info.sentence.ends_with('.')) << info.name;
  }
  EXPECT_EQ(find_error(0), nullptr);
  EXPECT_EQ(find_error(UINT16_MAX), nullptr);
}

}  // namespace
}  // namespace bourse::market
