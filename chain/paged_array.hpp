// SPDX-License-Identifier: Apache-2.0
//
// A growing array in small pages that copies share until one of them writes. Copying the
// array costs a pointer; the first write to a page after that copies the page. So the writer goes
// on while readers, checkpoints and proofs hold the state of an earlier block, and nobody locks.
//
// One thread writes. Any number of threads may read and drop their own copies at the same time.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <vector>

#include "base/check.hpp"
#include "chain/recycler.hpp"

namespace bourse::chain {

template <class T>
class PagedArray {
 public:
  std::uint32_t size() const { return size_; }

  const T& operator[](std::uint32_t index) const {
    CHECK(index < size_);
    const std::uint32_t page = index / kPerPage;
    return root_->directories[page / kFanout]->pages[page % kFanout]->items[index % kPerPage];
  }

  /// Brings the element into the cache, and what a write to it looks at first.
  void fetch(std::uint32_t index) const {
    CHECK(index < size_);
    constexpr std::size_t line = 64;
    const std::uint32_t page = index / kPerPage;
    const auto& node = root_->directories[page / kFanout]->pages[page % kFanout];
    __builtin_prefetch(node.get());
    const T& item = node->items[index % kPerPage];
    const auto* const bytes = static_cast<const char*>(static_cast<const void*>(&item));
    for (std::size_t i = 0; i < sizeof item; i += line) __builtin_prefetch(bytes + i);
    __builtin_prefetch(bytes + sizeof item - 1);
  }

  /// The element for writing: the path to it is copied where a snapshot still shares it.
  T& edit(std::uint32_t index) {
    CHECK(index < size_);
    return slot(index);
  }

  void push_back(T value) {
    CHECK(size_ < UINT32_MAX);
    T& place = slot(size_++);
    place = std::move(value);
  }

  void pop_back() {
    CHECK(size_ > 0);
    slot(--size_) = T{};
  }

 private:
  /// Few to a page, because what a block changes is scattered: most writes copy a whole page for
  /// one record. Of small things a few more, or the pointers to the pages would take as much.
  static constexpr std::size_t kPageBytesMin = 256;
  static constexpr std::uint32_t kPerPage =
      std::max(8U, static_cast<std::uint32_t>(kPageBytesMin / sizeof(T)));
  static constexpr std::uint32_t kFanout = 512;

  /// Counts its holders itself, which takes half of what a shared_ptr and its block would.
  template <class Node>
  using Counted = boost::intrusive_ref_counter<Node>;
  struct alignas(void*) Page : Counted<Page> {
    std::array<T, kPerPage> items{};

    static void* operator new(std::size_t) { return Recycler<sizeof(Page)>::take(); }
    static void operator delete(void* page) { Recycler<sizeof(Page)>::give(page); }
  };
  struct Directory : Counted<Directory> {
    std::array<boost::intrusive_ptr<Page>, kFanout> pages;
  };
  struct Root : Counted<Root> {
    std::vector<boost::intrusive_ptr<Directory>> directories;
  };

  /// Makes `node` exist and be ours alone. The count can only be stale in the direction of an
  /// unneeded copy: nobody else can take a new share of a node that only we hold. The fence orders
  /// our writes after the last reads of a snapshot that has just been dropped.
  template <class Node>
  static Node& own(boost::intrusive_ptr<Node>& node) {
    if (!node) {
      node.reset(new Node);
    } else if (node->use_count() > 1) {
      node.reset(new Node(*node));
    } else {
      std::atomic_thread_fence(std::memory_order_acquire);
    }
    return *node;
  }

  T& slot(std::uint32_t index) {
    const std::uint32_t page = index / kPerPage;
    auto& directories = own(root_).directories;
    if (directories.size() <= page / kFanout) directories.resize(page / kFanout + 1);
    return own(own(directories[page / kFanout]).pages[page % kFanout]).items[index % kPerPage];
  }

  boost::intrusive_ptr<Root> root_;
  std::uint32_t size_ = 0;
};

}  // namespace bourse::chain
