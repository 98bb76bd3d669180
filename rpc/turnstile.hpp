// SPDX-License-Identifier: Apache-2.0
//
// Counts who is inside and turns away the one too many, in all and per key. Some weigh more than
// one.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace bourse::rpc {

class Turnstile {
 public:
  /// One who is inside; leaving is destruction. The turnstile outlives it.
  class Pass {
   public:
    Pass(Turnstile& from, std::string key, std::size_t weight)
        : from_(&from), key_(std::move(key)), weight_(weight) {}
    Pass(Pass&& other) noexcept
        : from_(std::exchange(other.from_, nullptr)),
          key_(std::move(other.key_)),
          weight_(other.weight_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (from_ != nullptr && weight_ > 0) from_->leave(key_, weight_);
    }

   private:
    Turnstile* from_;
    std::string key_;
    std::size_t weight_;
  };

  Turnstile(std::size_t total_max, std::size_t key_max)
      : total_max_(total_max), key_max_(key_max) {}

  /// The empty key is counted in the total only, and who weighs nothing passes without a lock.
  std::optional<Pass> enter(const std::string& key, std::size_t weight = 1) {
    if (weight == 0) return Pass(*this, {}, 0);
    const std::lock_guard lock(mutex_);
    if (weight > total_max_ - total_) return std::nullopt;
    if (!key.empty()) {
      auto& count = per_key_[key];
      if (weight > key_max_ - count) return std::nullopt;
      count += weight;
    }
    total_ += weight;
    return Pass(*this, key, weight);
  }

 private:
  void leave(const std::string& key, std::size_t weight) {
    const std::lock_guard lock(mutex_);
    total_ -= weight;
    if (key.empty()) return;
    const auto found = per_key_.find(key);
    if ((found->second -= weight) == 0) per_key_.erase(found);
  }

  const std::size_t total_max_;
  const std::size_t key_max_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::map<std::string, std::size_t> per_key_;
};

}  // namespace bourse::rpc
