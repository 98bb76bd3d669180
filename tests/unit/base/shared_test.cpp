// SPDX-License-Identifier: Apache-2.0
//
// Goal: equal values are one, it goes with its last holder, and any number of threads may use it.
// Method: addresses tell whether two are one; threads make and drop the same few values while
// others hold them, under the sanitizers.
#include "base/shared.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/codec.hpp"
#include "base/ids.hpp"

namespace bourse {
namespace {

using Text = Shared<std::string>;
using Hashes = Shared<std::vector<Hash>>;

Hash hash_of(std::uint8_t number) {
  Hash out;
  out.bytes.fill(number);
  return out;
}

TEST(Shared, EqualValuesAreOne) {
  const Text a = std::string("h100");
  const Text b = std::string("h100");
  const Text other = std::string("a100");
  EXPECT_EQ(a, b);
  EXPECT_EQ(&*a, &*b);
  EXPECT_NE(a, other);
  EXPECT_EQ(*other, "a100");
  EXPECT_EQ(sizeof a, sizeof(void*));
}

TEST(Shared, TheEmptyOneIsTheDefault) {
  const Text none;
  EXPECT_EQ(*none, "");
  EXPECT_EQ(none, Text(std::string()));
  EXPECT_TRUE(Hashes()->empty());
  EXPECT_EQ(Shared<JobId>(), Shared<JobId>(JobId{}));
  EXPECT_TRUE(Shared<JobId>()->is_zero());
}

TEST(Shared, IdsAreKeptOnceToo) {
  const JobId id{{1, 2, 3}};
  EXPECT_EQ(Shared<JobId>(id), Shared<JobId>(id));
  EXPECT_EQ(*Shared<JobId>(id), id);
  EXPECT_NE(Shared<JobId>(id), Shared<JobId>(JobId{{1, 2, 4}}));
}

TEST(Shared, ListsThatBeginAlikeDiffer) {
  const Hashes one = std::vector{hash_of(1)};
  const Hashes two = std::vector{hash_of(1), hash_of(2)};
  const Hashes turned = std::vector{hash_of(2), hash_of(1)};
  EXPECT_NE(one, two);
  EXPECT_NE(two, turned);
  EXPECT_EQ(two, Hashes(std::vector{hash_of(1), hash_of(2)}));
}

TEST(Shared, IsCopiedMovedAndLeft) {
  Text a = std::string("kept");
  Text b = a;
  Text c = std::move(a);
  EXPECT_EQ(*a, "");
  EXPECT_EQ(b, c);
  b = std::string("other");
  c = b;
  EXPECT_EQ(*c, "other");
  const Text& same = c;
  c = same;
  EXPECT_EQ(*c, "other");
  // "kept" has no holder any more; made again it is as good as new.
  EXPECT_EQ(*Text(std::string("kept")), "kept");
}

TEST(Shared, StandsInRecordsAsWhatItIs) {
  const std::vector<Hash> list{hash_of(7), hash_of(8)};
  EXPECT_EQ(encode(Hashes(list)), encode(list));
  EXPECT_EQ(*decode<Hashes>(encode(list)).value(), list);
  // Nothing is left over of one that was read before.
  EXPECT_EQ(*decode<Hashes>(encode(std::vector{hash_of(9)})).value(), std::vector{hash_of(9)});
  EXPECT_FALSE(decode<Hashes>(Bytes{0x81, 0x41, 0x00}));
}

TEST(Shared, ThreadsMakeAndDropTheSameValues) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      Text held;
      for (int i = 0; i < 20'000; ++i) {
        const std::string value = "value " + std::to_string((i + thread) % 3);
        const Text made = value;
        ASSERT_EQ(*made, value);
        if (i % 5 == 0) held = made;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace bourse
