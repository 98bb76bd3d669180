// SPDX-License-Identifier: Apache-2.0
//
// A growing array of places that never move, in chunks of 256: references stay good, and growing
// neither copies what is there nor holds twice the memory for a while.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.hpp"

namespace bourse::chain {

template <class T>
class Chunks {
 public:
  T& operator[](std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }
  const T& operator[](std::uint32_t index) const { return chunks_[index / kChunk][index % kChunk]; }

  /// The first of `count` new places in a row, which lie in one chunk.
  std::uint32_t add(std::uint32_t count = 1) {
    if (used_ % kChunk + count > kChunk) used_ += kChunk - used_ % kChunk;
    if (used_ == chunks_.size() * kChunk) {
      CHECK(chunks_.size() < kChunksMax);
      chunks_.push_back(std::make_unique<T[]>(kChunk));
    }
    used_ += count;
    return used_ - count;
  }

  /// Gives the same places again, with what stands in them.
  void clear() { used_ = 0; }

 private:
  static constexpr std::uint32_t kChunk = 256;
  /// So that an index has four bits to spare.
  static constexpr std::size_t kChunksMax = (std::size_t{1} << 28) / kChunk;

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::uint32_t used_ = 0;
};

}  // namespace bourse::chain
