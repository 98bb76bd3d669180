// SPDX-License-Identifier: Apache-2.0
#include "chain/worker_pool.hpp"

#include <algorithm>
#include <atomic>

namespace bourse::chain {

/// One call of run(). Helpers share it with the caller, who may return while a helper still looks
/// at it: by then every piece is taken, and nothing but the counters is touched.
struct WorkerPool::Job {
  const Work& work;
  const std::size_t count;
  const std::size_t grain;
  const std::size_t pieces = (count + grain - 1) / grain;
  std::atomic<std::size_t> taken{0};
  std::atomic<std::size_t> done{0};

  Job(const Work& what, std::size_t items, std::size_t piece)
      : work(what), count(items), grain(piece) {}

  /// Takes pieces until there is none left.
  void help() {
    for (std::size_t piece = taken++; piece < pieces; piece = taken++) {
      work(piece * grain, std::min(count, (piece + 1) * grain));
      if (++done == pieces) done.notify_all();
    }
  }

  void wait() const {
    for (std::size_t seen = done; seen < pieces; seen = done) done.wait(seen);
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
  // With as many callers as threads none is free to help; one more would only be in their way.
  if (++callers_ <= helpers_.size() && count > grain) {
    share(count, grain, work);
  } else if (count > 0) {
    work(0, count);
  }
  --callers_;
}

void WorkerPool::share(std::size_t count, std::size_t grain, const Work& work) {
  const auto job = std::make_shared<Job>(work, count, grain);
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(job);
  }
  wake_.notify_all();
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
