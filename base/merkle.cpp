// SPDX-License-Identifier: Apache-2.0
#include "base/merkle.hpp"

#include <array>
#include <utility>

#include "base/crypto.hpp"

namespace bourse {
namespace {

constexpr std::uint8_t kLeaf = 0;
constexpr std::uint8_t kNode = 1;

/// Hashes messages behind a prefix, some of them at a time; all of them are done when it goes.
class Hasher {
 public:
  explicit Hasher(std::uint8_t prefix) : prefix_(prefix) {}
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  ~Hasher() { run(); }

  /// `hash` must not lie in what is still to be added.
  void add(std::initializer_list<ByteView> parts, Hash& hash) {
    if (count_ == kTogether) run();
    bytes_.push_back(prefix_);
    for (const ByteView part : parts) append(bytes_, part);
    ends_[count_] = bytes_.size();
    hashes_[count_++] = &hash;
  }

 private:
  static constexpr std::size_t kTogether = 16;

  void run() {
    std::array<Sha256Job, kTogether> jobs;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      jobs[i] = {ByteView(bytes_).subspan(begin, ends_[i] - begin), hashes_[i]};
      begin = ends_[i];
    }
    sha256_all(std::span(jobs).first(count_));
    bytes_.clear();
    count_ = 0;
  }

  const std::uint8_t prefix_;
  Bytes bytes_;
  std::size_t count_ = 0;
  std::array<std::size_t, kTogether> ends_;
  std::array<Hash*, kTogether> hashes_;
};

}  // namespace

std::vector<Hash> merkle_leaves(std::span<const ByteView> list) {
  std::vector<Hash> leaves(list.size());
  Hasher hasher(kLeaf);
  for (std::size_t i = 0; i < list.size(); ++i) hasher.add({list[i]}, leaves[i]);
  return leaves;
}

Hash merkle_root(std::vector<Hash> leaves) {
  if (leaves.empty()) return sha256({});
  // RFC 6962 splits a list at the largest power of two; so neighbours pair up from below, and one
  // without a neighbour goes up as it is.
  std::vector<Hash> nodes = std::move(leaves);
  while (nodes.size() > 1) {
    const std::size_t pairs = nodes.size() / 2;
    {
      Hasher hasher(kNode);
      for (std::size_t i = 0; i < pairs; ++i) {
        hasher.add({nodes[2 * i].bytes, nodes[2 * i + 1].bytes}, nodes[i]);
      }
    }
    if (nodes.size() % 2 != 0) nodes[pairs] = nodes.back();
    nodes.resize((nodes.size() + 1) / 2);
  }
  return nodes[0];
}

}  // namespace bourse
