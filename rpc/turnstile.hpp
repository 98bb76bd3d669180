// SPDX-License-Identifier: Apache-2.0
//
// Counts who is inside and turns away the one too many, in all and per key.
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
    Pass(Turnstile& from, std::string key) : from_(&from), key_(std::move(key)) {}
    Pass(Pass&& other) noexcept
        : from_(std::exchange(other.from_, nullptr)), key_(std::move(other.key_)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (from_ != nullptr) from_->leave(key_);
    }

   private:
    Turnstile* from_;
    std::string key_;
  };

  Turnstile(std::size_t total_max, std::size_t key_max)
      : total_max_(total_max), key_max_(key_max) {}

  /// The empty key is counted in the total only.
  std::optional<Pass> enter(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (total_ >= total_max_) return std::nullopt;
    if (!key.empty()) {
      auto& count = per_key_[key];
      if (count >= key_max_) return std::nullopt;
      ++count;
    }
    ++total_;
    return Pass(*this, key);
  }

 private:
  void leave(const std::string& key) {
    const std::lock_guard lock(mutex_);
    --total_;
    if (key.empty()) return;
    const auto found = per_key_.find(key);
    if (--found->second == 0) per_key_.erase(found);
  }

  const std::size_t total_max_;
  const std::size_t key_max_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::map<std::string, std::size_t> per_key_;
};

}  // namespace bourse::rpc
