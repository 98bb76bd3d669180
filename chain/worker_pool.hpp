// SPDX-License-Identifier: Apache-2.0
//
// Threads that help a caller with work that falls into independent pieces: signatures to check,
// branches of a tree to hash. The caller works too, so a call ends even when no helper is free, and
// any number of callers share the helpers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace bourse::chain {

class WorkerPool {
 public:
  /// `threads` counts the caller, so 1 makes no helper.
  explicit WorkerPool(unsigned threads = std::thread::hardware_concurrency());
  ~WorkerPool();

  /// Calls work(begin, end) for consecutive pieces of `count` items, from several threads at once:
  /// `grain` items each and less towards the end, or all in one without helpers. Returns when all
  /// are done; `work` must not throw.
  using Work = std::function<void(std::size_t begin, std::size_t end)>;
  void run(std::size_t count, std::size_t grain, const Work& work);

 private:
  struct Job;
  void share(std::size_t count, std::size_t grain, const Work& work, std::size_t callers);
  void help();

  std::atomic<std::size_t> callers_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> helpers_;
};

}  // namespace bourse::chain
