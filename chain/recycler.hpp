// SPDX-License-Identifier: Apache-2.0
//
// Memory in pieces of one size, of which thousands come and go with each block: one thread takes
// them, another gives them back. The C library would merge and split them every time. Here each
// thread has a few at hand, and they change hands by the batch. What was given back stays for the
// next who takes, so there is never more than was in use at once, and a few for each thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(memory, size)
#define ASAN_UNPOISON_MEMORY_REGION(memory, size)
#endif

namespace bourse::chain {

/// Pieces of kBytes, aligned as pointers are. Any thread may take and give.
template <std::size_t kBytes>
class Recycler {
 public:
  static void* take() {
    Piece*& first = at_hand().to_take;
    if (first == nullptr) first = next_batch();
    ASAN_UNPOISON_MEMORY_REGION(first, kBytes);
    Piece* const taken = std::exchange(first, first->next);
    // The next one was last in use long ago, and by another thread.
    __builtin_prefetch(first);
    return taken;
  }

  static void give(void* memory) {
    AtHand& own = at_hand();
    own.given = new (memory) Piece{own.given};
    // A sanitizer finds who uses it after this.
    ASAN_POISON_MEMORY_REGION(own.given + 1, kBytes - sizeof(Piece));
    if (++own.given_count < kBatch) return;
    shelve(std::exchange(own.given, nullptr));
    own.given_count = 0;
  }

 private:
  struct Piece {
    Piece* next = nullptr;
    Piece* next_batch = nullptr;
  };
  static_assert(kBytes >= sizeof(Piece) && kBytes % alignof(Piece) == 0);
  static constexpr std::size_t kBatch = 32;

  /// What a thread has for itself. It goes to the others at the thread's end.
  struct AtHand {
    Piece* to_take = nullptr;
    Piece* given = nullptr;
    std::size_t given_count = 0;

    ~AtHand() {
      for (Piece* batch : {to_take, given}) {
        if (batch != nullptr) shelve(batch);
      }
    }
  };
  static AtHand& at_hand() {
    thread_local AtHand pieces;
    return pieces;
  }

  static void shelve(Piece* batch) {
    const std::lock_guard lock(mutex_);
    batch->next_batch = std::exchange(batches_, batch);
  }

  static Piece* next_batch() {
    {
      const std::lock_guard lock(mutex_);
      if (batches_ != nullptr) return std::exchange(batches_, batches_->next_batch);
    }
    // All of a batch at once, which spares each the C library's own bytes before it.
    auto* const memory = static_cast<std::byte*>(::operator new(kBatch* kBytes));
    Piece* first = nullptr;
    for (std::size_t i = kBatch; i-- > 0;) first = new (memory + i * kBytes) Piece{first};
    return first;
  }

  static inline std::mutex mutex_;
  static inline Piece* batches_ = nullptr;
};

/// The same as an allocator, for std::allocate_shared and for lists that mostly have one element.
template <class T>
struct RecyclingAllocator {
  static_assert(alignof(T) <= alignof(void*));
  using value_type = T;

  RecyclingAllocator() = default;
  template <class Other>
  explicit(false) RecyclingAllocator(const RecyclingAllocator<Other>&) {}

  T* allocate(std::size_t count) {
    if (count != 1) return std::allocator<T>().allocate(count);
    return static_cast<T*>(Recycler<sizeof(T)>::take());
  }
  void deallocate(T* memory, std::size_t count) {
    if (count != 1) return std::allocator<T>().deallocate(memory, count);
    Recycler<sizeof(T)>::give(memory);
  }

  friend bool operator==(RecyclingAllocator, RecyclingAllocator) { return true; }
};

}  // namespace bourse::chain
