// SPDX-License-Identifier: Apache-2.0
#include "chain/worker_pool.hpp"

#include <algorithm>
#include <atomic>

namespace bourse::chain {

/// One call of run(). Helpers share it with the caller, who may return while a helper still looks
/// at it: by then every item is taken, and nothing but the counters is touched.
struct WorkerPool::Job {
  const Work& work;
  const std::size_t count;
  const std::size_t grain;
  const std::size_t threads;
  std::atomic<std::size_t> taken{0};
  std::atomic<std::size_t> done{0};

  Job(const Work& what, std::size_t items, std::size_t piece, std::size_t workers)
      : work(what), count(items), grain(piece), threads(workers) {}

  /// Takes pieces until there is none left.
  void help() {
    for (std::size_t begin = taken; begin < count; begin = taken) {
      const std::size_t end = begin + piece(count - begin);
      if (!taken.compare_exchange_strong(begin, end)) continue;
      work(begin, end);
      if ((done += end - begin) == count) done.notify_all();
    }
  }

  /// Towards the end they become smaller, so that nobody waits long for the last one.
  std::size_t piece(std::size_t left) const {
    const std::size_t smallest = std::max<std::size_t>(grain / 8, 1);
    return std::min(left, std::clamp(left / (2 * threads), smallest, grain));
  }

  void wait() const {
    for (std::size_t seen = done; seen < count; seen = done) done.wait(seen);
  }
};

WorkerPool::WorkerPool(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i) helpers_.emplace_back([this] { help(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void WorkerPool::run(std::size_t count, std::size_t grain, const Work& work) {
  const std::size_t callers = ++callers_;
  if (count > grain && !helpers_.empty()) {
    share(count, grain, work, callers);
  } else if (count > 0) {
    work(0, count);
  }
  --callers_;
}

void WorkerPool::share(std::size_t count, std::size_t grain, const Work& work,
                       std::size_t callers) {
  const auto job = std::make_shared<Job>(work, count, grain, helpers_.size() + 1);
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(job);
  }
  // With as many callers as threads one more would only be in their way. A helper who is at another
  // job comes after it, because then one of them is about to end.
  if (callers <= helpers_.size()) wake_.notify_all();
  job->help();
  {
    const std::lock_guard lock(mutex_);
    std::erase(jobs_, job);
  }
  job->wait();
}

void WorkerPool::help() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Job> job = jobs_.front();
    lock.unlock();
    job->help();
    lock.lock();
    // Its caller takes it off the queue too; whoever comes first.
    std::erase(jobs_, job);
  }
}

}  // namespace bourse::chain
