// SPDX-License-Identifier: Apache-2.0
//
// Goal: a field table visits every member once, in wire order, by reference. Method: a small
// struct.
#include "base/fields.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bourse {
namespace {

enum class Size : std::uint8_t { small, large };
constexpr auto enum_names(Size) { return std::array<std::string_view, 2>{"small", "large"}; }

struct Box {
  int width = 1;
  std::string label = "a";

  static constexpr auto fields() {
    return std::tuple{field("label", &Box::label, "What is on it."),
                      field("width", &Box::width, "How wide it is.")};
  }
};

struct Plain {
  int width = 1;
};

static_assert(HasFields<Box> && !HasFields<Plain> && !HasFields<int>);
static_assert(field_count<Box>() == 2);
static_assert(NamedEnum<Size> && !NamedEnum<int>);
static_assert(enum_name(Size::large) == "large");

TEST(Fields, AreVisitedInTheOrderOfTheTable) {
  std::vector<std::string> seen;
  Box box;
  for_each_field(box, [&](const auto& field, auto& member) {
    seen.push_back(std::string(field.name) + ": " + std::string(field.doc));
    member = {};
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"label: What is on it.", "width: How wide it is."}));
  EXPECT_EQ(box.width, 0);
  EXPECT_EQ(box.label, "");
  const Box constant;
  int count = 0;
  for_each_field(constant, [&](const auto&, const auto&) { ++count; });
  for_each_field_of<Box>([&](const auto&) { ++count; });
  EXPECT_EQ(count, 4);
}

}  // namespace
}  // namespace bourse
