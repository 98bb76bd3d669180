// SPDX-License-Identifier: Apache-2.0
//
// A growing array in small pages that copies share until one of them writes. Copying the
// array costs a pointer; the first write to a page after that copies the page. So the writer goes
// on while readers, checkpoints and proofs hold the state of an earlier block, and nobody locks.
//
// Who frees a page? To count the holders of each would cost more than to copy it: a copied
// directory would count all of its pages up, and the old one down again. Instead each page knows in
// which version of the array it was born, and each version that a copy still holds has a list of
// what it sees and no newer one does. At its end that list goes: to the next older version what
// that one sees too, and the rest to nobody. ZFS frees the blocks of its snapshots in this way
// (dead lists).
//
// One thread writes. Any number of threads may read and drop their own copies at the same time, and
// write to branches.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
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
    return version_->directories[page / kFanout]->pages[page % kFanout]->items[index % kPerPage];
  }

  /// Brings the element into the cache, and what a write to it looks at first.
  void fetch(std::uint32_t index) const {
    CHECK(index < size_);
    constexpr std::size_t line = 64;
    const std::uint32_t page = index / kPerPage;
    const Page* const node = version_->directories[page / kFanout]->pages[page % kFanout];
    __builtin_prefetch(node);
    const T& item = node->items[index % kPerPage];
    const auto* const bytes = static_cast<const char*>(static_cast<const void*>(&item));
    for (std::size_t i = 0; i < sizeof item; i += line) __builtin_prefetch(bytes + i);
    __builtin_prefetch(bytes + sizeof item - 1);
  }

  /// A copy that may be written in another thread than the array. As long as there is something of
  /// it, this version of the array stays whole.
  PagedArray branch() const {
    PagedArray out = *this;
    out.is_branch_ = true;
    return out;
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
      std::max(4U, static_cast<std::uint32_t>(kPageBytesMin / sizeof(T)));
  static constexpr std::uint32_t kFanout = 128;
  static constexpr std::size_t kReplacedMax = 64;

  struct alignas(void*) Page {
    std::uint64_t born;
    std::array<T, kPerPage> items{};

    static void* operator new(std::size_t) { return Recycler<sizeof(Page)>::take(); }
    static void operator delete(void* page) { Recycler<sizeof(Page)>::give(page); }
  };
  struct Directory {
    std::uint64_t born;
    std::array<Page*, kFanout> pages{};
  };

  /// Pages and directories that belong to a list.
  struct Nodes {
    std::vector<std::unique_ptr<Page>> pages;
    std::vector<std::unique_ptr<Directory>> directories;

    void add(Page* page) { pages.emplace_back(page); }
    void add(Directory* directory) { directories.emplace_back(directory); }

    /// Gives all that was born until then.
    void give_old(std::uint64_t until, Nodes& to) {
      const auto give = [until](auto& from, auto& list) {
        std::erase_if(from, [&](auto& node) {
          if (node->born > until) return false;
          list.push_back(std::move(node));
          return true;
        });
      };
      give(pages, to.pages);
      give(directories, to.directories);
    }

    /// They belong to a version that sees them.
    void let_go() {
      for (auto& page : pages) (void)page.release();
      for (auto& directory : directories) (void)directory.release();
      clear();
    }

    std::size_t size() const { return pages.size() + directories.size(); }
    void clear() {
      pages.clear();
      directories.clear();
    }
  };

  /// What copies share.
  struct Version : boost::intrusive_ref_counter<Version> {
    explicit Version(std::uint64_t number_) : number(number_) {}
    Version(const Version&) = delete;
    ~Version();

    /// Counted from 1; a newer one has a higher number.
    const std::uint64_t number;
    std::vector<Directory*> directories;
    /// Whether there has ever been a newer one.
    bool is_written_on = false;
    /// The version that a branch began at: it keeps all that it sees.
    boost::intrusive_ptr<Version> base;
    /// What its writer has replaced of older versions and not handed on yet.
    Nodes replaced;
    // Guarded by mutex_: its neighbours among those that are held, and what it sees and no newer
    // one does.
    Version* older = nullptr;
    Version* newer = nullptr;
    Nodes dead;
    /// Of `older`, for the writer, who does not wait for others. It only ever falls.
    std::atomic<std::uint64_t> older_number = 0;

    std::uint64_t base_number() const { return base ? base->number : 0; }

    /// With mutex_ held. What the newest older version does not see is nobody's, and stays.
    void hand_on_replaced() {
      if (older) replaced.give_old(older->number, older->dead);
    }
  };

  /// False when this version has a newer one already.
  bool begin_version() {
    boost::intrusive_ptr<Version> next(new Version(version_->number + 1));
    {
      const std::lock_guard lock(mutex_);
      if (version_->newer) return false;
      next->directories = version_->directories;
      next->base = version_->base;
      next->older = version_.get();
      next->older_number = version_->number;
      version_->newer = next.get();
      version_->is_written_on = true;
      version_->hand_on_replaced();
    }
    version_->replaced = {};
    version_ = std::move(next);
    return true;
  }

  /// Goes on beside the versions that follow this one, which stays because of it.
  void begin_branch() {
    boost::intrusive_ptr<Version> next(new Version(version_->number + 1));
    next->directories = version_->directories;
    next->base = std::move(version_);
    version_ = std::move(next);
  }

  /// A version that no copy sees. The count can only be stale in the direction of an unneeded new
  /// one: nobody else can take a new share of what only we hold. The fence orders our writes after
  /// the last reads of a copy that has just been dropped.
  Version& own_version() {
    if (!version_) {
      version_.reset(new Version(1));
    } else if (is_branch_) {
      begin_branch();
      is_branch_ = false;
    } else if (version_->use_count() > 1 || version_->is_written_on) {
      if (!begin_version()) begin_branch();
    } else {
      std::atomic_thread_fence(std::memory_order_acquire);
    }
    return *version_;
  }

  /// Makes `node` this version's own: a copy of it, unless no other version sees it. One that has
  /// gone meanwhile costs a copy that was not needed.
  template <class Node>
  static Node& own(Version& version, Node*& node) {
    if (node->born == version.number) return *node;
    const bool is_of_base = node->born <= version.base_number();
    if (is_of_base || node->born <= version.older_number.load(std::memory_order_acquire)) {
      auto copy = std::make_unique<Node>(*node);
      if (!is_of_base) replace(version, node);
      node = copy.release();
    }
    node->born = version.number;
    return *node;
  }

  /// A lock for each would wait for the copy to get to memory.
  template <class Node>
  static void replace(Version& version, Node* node) {
    version.replaced.add(node);
    if (version.replaced.size() < kReplacedMax) return;
    {
      const std::lock_guard lock(mutex_);
      version.hand_on_replaced();
    }
    version.replaced.clear();
  }

  T& slot(std::uint32_t index) {
    const std::uint32_t number = index / kPerPage;
    Version& version = own_version();
    auto& directories = version.directories;
    if (directories.size() == number / kFanout) {
      directories.push_back(new Directory{version.number});
    }
    Page*& page = own(version, directories[number / kFanout]).pages[number % kFanout];
    if (page == nullptr) page = new Page{version.number};
    return own(version, page).items[index % kPerPage];
  }

  static inline std::mutex mutex_;
  boost::intrusive_ptr<Version> version_;
  std::uint32_t size_ = 0;
  bool is_branch_ = false;
};

template <class T>
PagedArray<T>::Version::~Version() {
  const std::lock_guard lock(mutex_);
  hand_on_replaced();
  if (older) older->newer = newer;
  if (newer) {
    newer->older = older;
    newer->older_number.store(older_number, std::memory_order_release);
    if (older) dead.give_old(older->number, older->dead);
    return;
  }
  // What older versions see is theirs again, and theirs alone.
  const std::uint64_t theirs = std::max<std::uint64_t>(older_number, base_number());
  if (older) older->dead.let_go();
  for (Directory* directory : directories) {
    if (directory->born <= theirs) continue;
    for (Page* page : directory->pages) {
      if (page != nullptr && page->born > theirs) delete page;
    }
    delete directory;
  }
}

}  // namespace bourse::chain
