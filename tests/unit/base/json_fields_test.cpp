// SPDX-License-Identifier: Apache-2.0
//
// Goal: field tables give exact JSON in both directions and errors that help. Method: random
// instances there and back, each spelling at its limits, and each way to get an object wrong.
#include "base/json_fields.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "tests/support/random_fields.hpp"

namespace bourse {
namespace {

enum class Colour : std::uint8_t { red, green };
constexpr auto enum_names(Colour) { return std::array<std::string_view, 2>{"red", "green"}; }

struct Inner {
  Amount amount;
  Colour colour{};

  static constexpr auto fields() {
    return std::tuple{field("amount", &Inner::amount, "An amount."),
                      field("colour", &Inner::colour, "A colour.")};
  }
};

struct Order {
  bool urgent = false;
  std::uint8_t tiny = 0;
  std::uint32_t medium = 0;
  std::uint64_t large = 0;
  std::int32_t number = 0;
  std::string text;
  Bytes bytes;
  Address address;
  ProviderId provider;
  std::optional<std::uint32_t> maybe;
  std::vector<Inner> list;

  static constexpr auto fields() {
    return std::tuple{
        field("urgent", &Order::urgent, ""),     field("tiny", &Order::tiny, ""),
        field("medium", &Order::medium, ""),     field("large", &Order::large, ""),
        field("number", &Order::number, ""),     field("text", &Order::text, ""),
        field("bytes", &Order::bytes, ""),       field("address", &Order::address, ""),
        field("provider", &Order::provider, ""), field("maybe", &Order::maybe, ""),
        field("list", &Order::list, "")};
  }
};

constexpr JsonStyle kStyle{Network::dev};

template <class T>
std::string error_of(const Json& json) {
  T value{};
  const auto result = from_json(json, value, kStyle);
  return result ? "ok" : result.error().message;
}

template <class T>
bool reads(const Json& json) {
  return error_of<T>(json) == "ok";
}

TEST(JsonFields, ThereAndBackKeepsEverything) {
  test::RandomFields random(3);
  for (int i = 0; i < 1000; ++i) {
    const auto order = random.make<Order>();
    const Json json = parse_json(dump_json(to_json(order, kStyle))).value();
    Order read;
    ASSERT_EQ(error_of<Order>(json), "ok") << dump_json(json);
    from_json(json, read, kStyle).value();
    EXPECT_EQ(encode(read), encode(order));
  }
}

TEST(JsonFields, SpellsEachKindOneWay) {
  Order order;
  order.large = UINT64_MAX;
  order.number = -5;
  order.bytes = {0xab, 1};
  order.list = {{Amount(7), Colour::green}};
  const Json json = to_json(order, kStyle);
  EXPECT_EQ(json["urgent"], false);
  EXPECT_EQ(json["tiny"], 0);
  EXPECT_EQ(json["large"], "18446744073709551615");
  EXPECT_EQ(json["number"], -5);
  EXPECT_EQ(json["bytes"], "0xab01");
  EXPECT_EQ(json["provider"], "0x00000000000000000000000000000000");
  EXPECT_TRUE(json["address"].get<std::string>().starts_with("brsd1"));
  EXPECT_EQ(json["maybe"], nullptr);
  EXPECT_EQ(json["list"][0]["amount"], "7");
  EXPECT_EQ(json["list"][0]["colour"], "green");
}

TEST(JsonFields, NumbersAreWholeDecimalAndInRange) {
  EXPECT_TRUE(reads<std::uint64_t>("18446744073709551615"));
  EXPECT_TRUE(reads<std::uint64_t>(5));
  for (const char* bad :
       {"18446744073709551616", "-1", "01", "", " 1", "1 ", "+1", "0x1", "1e3", "1.0", "1_000"}) {
    EXPECT_FALSE(reads<std::uint64_t>(bad)) << bad;
  }
  EXPECT_FALSE(reads<std::uint64_t>(-1));
  EXPECT_FALSE(reads<std::uint64_t>(1.5));
  EXPECT_FALSE(reads<std::uint64_t>(nullptr));
  EXPECT_FALSE(reads<std::uint64_t>(true));
  EXPECT_TRUE(reads<std::uint8_t>(255));
  EXPECT_FALSE(reads<std::uint8_t>(256));
  EXPECT_TRUE(reads<std::int32_t>("-2147483648"));
  EXPECT_TRUE(reads<std::int32_t>(-2147483648LL));
  EXPECT_FALSE(reads<std::int32_t>(-2147483649LL));
  EXPECT_FALSE(reads<std::int32_t>("2147483648"));
  EXPECT_FALSE(reads<std::int64_t>(UINT64_MAX));
  EXPECT_FALSE(reads<std::int32_t>("-0"));
}

TEST(JsonFields, BytesAreHexWithAPrefix) {
  EXPECT_TRUE(reads<Bytes>("0x"));
  EXPECT_TRUE(reads<Bytes>("0xAb"));
  for (const char* bad : {"", "ab", "0xa", "0xg0", "0X00"}) EXPECT_FALSE(reads<Bytes>(bad)) << bad;
  EXPECT_FALSE(reads<ProviderId>("0x" + std::string(30, '0')));
  EXPECT_TRUE(reads<ProviderId>("0x" + std::string(32, '0')));
}

TEST(JsonFields, AnAddressOfAnotherNetworkIsRefused) {
  EXPECT_TRUE(reads<Address>(address_text(Address{}, Network::dev)));
  EXPECT_FALSE(reads<Address>(address_text(Address{}, Network::main)));
  EXPECT_FALSE(reads<Address>("0x" + std::string(64, '0'))) << "an address is not hex";
}

TEST(JsonFields, ErrorsSayWhereAndWhat) {
  Json json = to_json(Order{}, kStyle);
  json["list"] = Json::array({to_json(Inner{}, kStyle)});
  json["list"][0]["colour"] = "blue";
  EXPECT_EQ(error_of<Order>(json), "list: 0: colour: expected one of: red, green");
  json["list"][0].erase("colour");
  EXPECT_EQ(error_of<Order>(json), "list: 0: colour: is missing");
  json["list"] = 5;
  EXPECT_EQ(error_of<Order>(json), "list: expected an array");
  EXPECT_EQ(error_of<Order>(5), "expected an object");
}

TEST(JsonFields, AnUnknownKeyNamesTheNearest) {
  Json json = to_json(Inner{}, kStyle);
  json["amuont"] = "1";
  EXPECT_EQ(error_of<Inner>(json), "unknown key \"amuont\"; did you mean \"amount\"?");
  json = to_json(Inner{}, kStyle);
  json["color"] = "red";
  EXPECT_EQ(error_of<Inner>(json), "unknown key \"color\"; did you mean \"colour\"?");
  json = to_json(Inner{}, kStyle);
  json[std::string(10'000, 'x')] = 1;
  EXPECT_LT(error_of<Inner>(json).size(), 200u) << "a stranger's key is not repeated in full";
}

TEST(JsonFields, OnlyOptionalFieldsMayBeMissingOrNull) {
  Json json = to_json(Order{}, kStyle);
  json.erase("maybe");
  EXPECT_EQ(error_of<Order>(json), "ok");
  json["maybe"] = 3;
  EXPECT_EQ(error_of<Order>(json), "ok");
  for (const std::string_view name : field_names<Order>()) {
    if (name == "maybe") continue;
    Json without = json;
    without.erase(std::string(name));
    EXPECT_EQ(error_of<Order>(without), std::string(name) + ": is missing");
    without[std::string(name)] = nullptr;
    EXPECT_NE(error_of<Order>(without), "ok") << name;
  }
}

}  // namespace
}  // namespace bourse
