// SPDX-License-Identifier: Apache-2.0
//
// Goal: the list tree is the one of RFC 6962. Method: known roots of the seven test leaves that the
// certificate-transparency implementations share, the definition itself, and the properties that
// the prefixes are for.
#include "base/merkle.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "base/crypto.hpp"

namespace bourse {
namespace {

std::vector<Hash> leaves_of(const std::vector<Bytes>& list) {
  return merkle_leaves(std::vector<ByteView>(list.begin(), list.end()));
}

std::vector<Hash> leaves(std::size_t count) {
  const std::vector<std::string> inputs = {"",
                                           "00",
                                           "10",
                                           "2021",
                                           "3031",
                                           "40414243",
                                           "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f"};
  std::vector<Bytes> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(*from_hex(inputs[i]));
  return leaves_of(list);
}

std::string root_of(std::size_t count) { return to_hex(merkle_root(leaves(count)).bytes); }

TEST(Merkle, AgreesWithTheSharedRootsOfRfc6962) {
  EXPECT_EQ(root_of(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(root_of(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(root_of(2), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
  EXPECT_EQ(root_of(3), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
  EXPECT_EQ(root_of(4), "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
  EXPECT_EQ(root_of(5), "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4");
  EXPECT_EQ(root_of(6), "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef");
  EXPECT_EQ(root_of(7), "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
  EXPECT_EQ(root_of(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(Merkle, OrderAndLengthMatter) {
  auto swapped = leaves(5);
  std::swap(swapped[0], swapped[4]);
  EXPECT_NE(merkle_root(swapped), merkle_root(leaves(5)));
  auto repeated = leaves(5);
  repeated.push_back(repeated.back());
  EXPECT_NE(merkle_root(repeated), merkle_root(leaves(5)));
}

TEST(Merkle, ANodeIsNoLeaf) {
  const auto two = leaves(2);
  Bytes both;
  append(both, two[0].bytes);
  append(both, two[1].bytes);
  EXPECT_NE(leaves_of({both})[0], merkle_root(two));
}

/// As RFC 6962 §2.1 puts it.
Hash naive_root(std::span<const Bytes> list) {
  if (list.empty()) return sha256({});
  Bytes node;
  if (list.size() == 1) {
    node = {0};
    append(node, list[0]);
    return sha256(node);
  }
  const std::size_t split = std::bit_floor(list.size() - 1);
  node = {1};
  append(node, naive_root(list.first(split)).bytes);
  append(node, naive_root(list.subspan(split)).bytes);
  return sha256(node);
}

TEST(Merkle, AgreesWithTheDefinitionForListsOfEveryLength) {
  std::vector<Bytes> list;
  for (std::size_t count = 0; count <= 200; ++count) {
    ASSERT_EQ(merkle_root(leaves_of(list)), naive_root(list)) << count;
    list.emplace_back(count * 7 % 150, static_cast<std::uint8_t>(count));
  }
}

}  // namespace
}  // namespace bourse
