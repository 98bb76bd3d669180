// SPDX-License-Identifier: Apache-2.0
//
// What the solo engine puts on disk beside the blocks: now and then, lazily, on another thread.
#include "base/scheduling.hpp"
#include "chain/solo.hpp"

namespace bourse::chain {
namespace {

/// After so many bytes of blocks a checkpoint is due: about a second of executing them again.
constexpr std::uint64_t kCheckpointBytes = std::uint64_t{64} << 20;
/// A chain that has come to rest is saved when there is so much to save.
constexpr std::uint64_t kIdleCheckpointBytes = std::uint64_t{1} << 20;
/// A disk that is so far behind holds the chain up.
constexpr std::uint64_t kUnsavedBytesMax = 8 * kCheckpointBytes;

}  // namespace

bool SoloEngine::is_checkpoint_due(bool idle) const {
  if (!tip_ || tip_->height <= checkpoint_height_) return false;
  const std::uint64_t blocks = (tip_->height - checkpoint_height_).value();
  return blocks >= config_.checkpoint_interval_blocks ||
         unsaved_bytes_ >= (idle ? kIdleCheckpointBytes : kCheckpointBytes);
}

Result<void> SoloEngine::checkpoint_if_due(bool idle) {
  if (saving_.valid()) {
    const bool is_done = saving_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (!is_done && unsaved_bytes_ < kUnsavedBytesMax) return {};
    TRY(finish_checkpoint());
  }
  if (!is_checkpoint_due(idle)) return {};
  start_checkpoint();
  // Without a thread of its own the engine is driven by a test, which wants to know what is when.
  return thread_.joinable() ? Result<void>{} : finish_checkpoint();
}

/// Writes what the state has now on another thread, while blocks go on being made.
void SoloEngine::start_checkpoint() {
  const CheckpointMark mark{tip_->height, root(), transactions_};
  checkpoint_height_ = tip_->height;
  unsaved_bytes_ = 0;
  saving_ = std::async(
      std::launch::async,
      [this, mark, state = machine_.take_changes(), index = lookup_.freeze()]() -> Result<void> {
        run_behind();
        TRY(store_.write_checkpoint(mark, state, index));
        const std::uint64_t keep = config_.keep_blocks;
        // The header at the mark is read at the next start.
        if (keep == 0 || mark.height.value() <= keep) return {};
        return store_.prune(Height(mark.height.value() - keep));
      });
}

Result<void> SoloEngine::finish_checkpoint() {
  if (!saving_.valid()) return {};
  const auto saved = saving_.get();
  if (saved) lookup_.thaw();
  return saved;
}

}  // namespace bourse::chain
