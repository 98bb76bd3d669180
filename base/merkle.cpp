// SPDX-License-Identifier: Apache-2.0
#include "base/merkle.hpp"

#include <algorithm>
#include <utility>

#include "base/crypto.hpp"

namespace bourse {
namespace {

constexpr std::uint8_t kLeaf = 0;
constexpr std::uint8_t kNode = 1;

/// So many are hashed together, while their bytes are in the cache.
constexpr std::size_t kTogether = 16;

/// Gives each of `hashes` the hash of the prefix and what append_to(bytes, i) adds. Nothing that
/// is still to be added may be where a hash goes.
template <class AppendTo>
void hash_behind(std::uint8_t prefix, std::span<Hash> hashes, const AppendTo& append_to) {
  Bytes bytes;
  std::vector<std::size_t> ends;
  for (std::size_t begin = 0; begin < hashes.size(); begin += kTogether) {
    bytes.clear();
    ends.clear();
    const auto together = hashes.subspan(begin, std::min(kTogether, hashes.size() - begin));
    for (std::size_t i = 0; i < together.size(); ++i) {
      bytes.push_back(prefix);
      append_to(bytes, begin + i);
      ends.push_back(bytes.size());
    }
    sha256_each(Sha256(), bytes, ends, together);
  }
}

}  // namespace

std::vector<Hash> merkle_leaves(std::span<const ByteView> list) {
  std::vector<Hash> leaves(list.size());
  hash_behind(kLeaf, leaves, [&](Bytes& bytes, std::size_t i) { append(bytes, list[i]); });
  return leaves;
}

Hash merkle_root(std::vector<Hash> leaves) {
  if (leaves.empty()) return sha256({});
  // RFC 6962 splits a list at the largest power of two; so neighbours pair up from below, and one
  // without a neighbour goes up as it is.
  std::vector<Hash> nodes = std::move(leaves);
  while (nodes.size() > 1) {
    const std::size_t pairs = nodes.size() / 2;
    hash_behind(kNode, std::span(nodes).first(pairs), [&](Bytes& bytes, std::size_t i) {
      append(bytes, nodes[2 * i].bytes);
      append(bytes, nodes[2 * i + 1].bytes);
    });
    if (nodes.size() % 2 != 0) nodes[pairs] = nodes.back();
    nodes.resize((nodes.size() + 1) / 2);
  }
  return nodes[0];
}

}  // namespace bourse
