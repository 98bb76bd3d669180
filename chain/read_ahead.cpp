// SPDX-License-Identifier: Apache-2.0
#include "chain/read_ahead.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <vector>

namespace bourse::chain {
namespace {

/// Large enough that handing over costs nothing, small enough to still be in the cache.
constexpr std::size_t kBatchBytes = std::size_t{64} << 10;
/// The reader may be so many ahead, for when the sink has something larger to do between two rows.
constexpr std::size_t kBatchesMax = 256;

struct Batch {
  Bytes bytes;                      // keys and values, one behind the other
  std::vector<std::uint32_t> ends;  // of each

  void add(ByteView part) {
    append(bytes, part);
    ends.push_back(static_cast<std::uint32_t>(bytes.size()));
  }

  Result<void> hand_to(const RowSink& sink) const {
    const ByteView all = bytes;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      TRY(sink(all.subspan(begin, ends[i] - begin), all.subspan(ends[i], ends[i + 1] - ends[i])));
      begin = ends[i + 1];
    }
    return {};
  }
};

class Queue {
 public:
  /// Waits for room; false when nothing is taken any more.
  bool put(Batch batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || batches_.size() < kBatchesMax; });
    if (closed_) return false;
    batches_.push_back(std::move(batch));
    changed_.notify_all();
    return true;
  }

  /// Waits for the next one; false at the end.
  bool take(Batch& batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !batches_.empty(); });
    if (batches_.empty()) return false;
    batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return true;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  bool closed_ = false;
};

/// Each side closes the queue when it is through, by an exception too: the other waits for it.
struct Closing {
  Queue& queue;
  ~Closing() { queue.close(); }
};

Result<void> fill(Queue& queue, const Rows& rows) {
  const Closing closing{queue};
  Batch batch;
  auto result = rows([&](ByteView key, ByteView value) -> Result<void> {
    batch.add(key);
    batch.add(value);
    if (batch.bytes.size() < kBatchBytes || queue.put(std::exchange(batch, {}))) return {};
    return Error{"unwanted", "the sink has ended the reading"};
  });
  queue.put(std::move(batch));
  return result;
}

Result<void> drain(Queue& queue, const RowSink& sink) {
  const Closing closing{queue};
  Result<void> result;
  for (Batch batch; result && queue.take(batch);) result = batch.hand_to(sink);
  return result;
}

}  // namespace

Rows read_ahead(Rows rows) {
  return [rows = std::move(rows)](const RowSink& sink) -> Result<void> {
    Queue queue;
    std::future<Result<void>> reader =
        std::async(std::launch::async, [&] { return fill(queue, rows); });
    TRY(drain(queue, sink));
    return reader.get();
  };
}

}  // namespace bourse::chain
