// SPDX-License-Identifier: Apache-2.0
//
// A value that never changes, kept once for all that hold an equal one: records repeat the same
// short lists and names a million times, and each pays for a pointer. It lives while somebody holds
// it, so what was only read or tried out leaves nothing behind. Any thread may make, copy and drop.
#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <mutex>
#include <utility>

#include "base/id_hash.hpp"

namespace bourse {

/// T is FixedBytes or a list of bytes or of FixedBytes: a hash and `==` are all that is asked of
/// it.
template <class T>
class Shared {
 public:
  /// The default value, which nobody keeps.
  Shared() = default;
  Shared(const T& value) : node_(value == T{} ? nullptr : Pool::get().take(value)) {}
  Shared(const Shared& other) : node_(other.node_) {
    if (node_) node_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  Shared(Shared&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Shared() {
    if (node_) Pool::get().drop(node_);
  }

  const T& operator*() const {
    static const T empty{};
    return node_ ? node_->value : empty;
  }
  const T* operator->() const { return &**this; }

  /// Equal values are one.
  friend bool operator==(const Shared& a, const Shared& b) { return a.node_ == b.node_; }

 private:
  struct Node {
    T value;
    std::atomic<std::uint32_t> holders;
  };

  static const T& value_of(const T& value) { return value; }
  static const T& value_of(const Node* node) { return node->value; }
  struct Hasher {
    using is_transparent = void;
    std::size_t operator()(const auto& item) const {
      const T& value = value_of(item);
      return bytes_hash(ByteView(reinterpret_cast<const std::uint8_t*>(value.data()),
                                 value.size() * sizeof *value.data()));
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return value_of(a) == value_of(b); }
  };

  class Pool {
   public:
    /// Outlives whoever holds a value, static objects too.
    static Pool& get() {
      static Pool& pool = *new Pool;
      return pool;
    }

    /// Copies the value only when nobody has one yet, which is rare.
    Node* take(const T& value) {
      const std::lock_guard lock(mutex_);
      if (const auto found = nodes_.find(value); found != nodes_.end()) {
        (*found)->holders.fetch_add(1, std::memory_order_relaxed);
        return *found;
      }
      return *nodes_.insert(new Node{value, 1}).first;
    }

    /// The last holder goes under the lock, so that take() finds no value that is going.
    void drop(Node* node) {
      std::uint32_t holders = node->holders.load(std::memory_order_relaxed);
      while (holders > 1) {
        if (node->holders.compare_exchange_weak(holders, holders - 1, std::memory_order_release,
                                                std::memory_order_relaxed)) {
          return;
        }
      }
      const std::lock_guard lock(mutex_);
      if (node->holders.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
      nodes_.erase(node);
      delete node;
    }

   private:
    std::mutex mutex_;
    boost::unordered_flat_set<Node*, Hasher, Equal> nodes_;
  };

  Node* node_ = nullptr;
};

}  // namespace bourse
