// SPDX-License-Identifier: Apache-2.0
#include "chain/solo.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/crypto.hpp"
#include "base/scheduling.hpp"

namespace bourse::chain {
namespace {

constexpr std::uint32_t kProtocol = 1;
/// The system clock may jump, so no wait is trusted for longer than this.
constexpr DurationMs kSleepMax{1000};
/// A state machine that asks to be woken for nothing is not asked again for this long.
constexpr DurationMs kWakeBackoff{1000};
constexpr TimeMs kNever{UINT64_MAX};
/// A chain without a block for so long has come to rest.
constexpr DurationMs kIdle{1000};
/// A block of so many transactions is a sign of load. Then the next one waits for eight times as
/// long as this one took, but not for ever: what a block costs besides its transactions is shared
/// by more of them, and so is each node of the tree and each page of records that they change. A
/// single client never meets this, and neither does a crowd, nor what a full block has left over.
constexpr std::size_t kLoad = 64;
constexpr int kLoadPauseFactor = 8;
constexpr std::chrono::milliseconds kLoadPauseMax{100};
/// The part of the mempool that is a crowd when it is full.
constexpr std::size_t kCrowdDivisor = 4;

}  // namespace

SoloEngine::SoloEngine(SoloConfig config, StateMachine& machine, Store& store, Clock clock)
    : config_(std::move(config)),
      key_(ed25519_public(config_.consensus_seed)),
      machine_(machine),
      store_(store),
      clock_(std::move(clock)),
      mempool_([this](const auto& addresses) { return machine_.accounts(addresses); },
               config_.mempool) {
  CHECK(config_.block_bytes_max >= kTxBytesMax);
}

SoloEngine::~SoloEngine() { stop(); }

// --- Life ---------------------------------------------------------------------------------------

Result<void> SoloEngine::start() {
  TRY(recover());
  thread_ = std::thread([this] { run(); });
  return {};
}

void SoloEngine::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (check_running().has_error()) return;
  // A failure here costs the next start some time and nothing else.
  auto saved = finish_checkpoint();
  if (saved && tip_ && tip_->height > checkpoint_height_) {
    start_checkpoint();
    saved = finish_checkpoint();
  }
  const std::lock_guard lock(mutex_);
  status_.running = false;
  if (saved.has_error()) spdlog::error("no checkpoint at stop: {}", saved.error().message);
}

void SoloEngine::run() {
  run_promptly();
  for (;;) {
    const std::uint64_t before = transactions_;
    const auto start = std::chrono::steady_clock::now();
    const auto made = step();
    if (made.has_error()) return;
    const auto taken = std::chrono::steady_clock::now() - start;
    const bool may_gather = transactions_ - before >= kLoad && !block_is_full_;
    const auto idle = *made ? std::chrono::milliseconds(0) : idle_time();
    // Those that this block had are no crowd any more.
    const bool is_crowd = is_crowded();
    std::unique_lock lock(mutex_);
    crowded_ = is_crowd;
    if (may_gather) {
      const auto pause =
          std::min<std::chrono::steady_clock::duration>(kLoadPauseFactor * taken, kLoadPauseMax);
      wake_.wait_for(lock, pause, [&] { return crowded_ || stopping_; });
    } else {
      wake_.wait_for(lock, idle, [&] { return poked_ || stopping_; });
    }
    poked_ = false;
    if (stopping_) return;
  }
}

bool SoloEngine::is_crowded() const {
  return mempool_.size() >= config_.mempool.transactions / kCrowdDivisor;
}

void SoloEngine::poke() {
  const bool is_crowd = is_crowded();
  {
    const std::lock_guard lock(mutex_);
    // Who has been poked looks at all that waits.
    const bool is_news = !poked_ || (is_crowd && !crowded_);
    poked_ = true;
    crowded_ = crowded_ || is_crowd;
    if (!is_news) return;
  }
  wake_.notify_all();
}

Error SoloEngine::fail(Error error) {
  spdlog::critical("the engine stops: {}: {}", error.kind, error.message);
  {
    const std::lock_guard lock(mutex_);
    status_.failure = error;
    status_.running = false;
  }
  if (config_.on_fatal) config_.on_fatal(error);
  return error;
}

Result<void> SoloEngine::check_running() const {
  const std::lock_guard lock(mutex_);
  if (status_.failure) return *status_.failure;
  if (!status_.running) return Error{"engine_not_running", "the node is starting or stopping"};
  return {};
}

// --- What others ask ----------------------------------------------------------------------------

EngineStatus SoloEngine::status() const {
  EngineStatus out;
  {
    const std::lock_guard lock(mutex_);
    out = status_;
  }
  out.waiting = mempool_.size();
  return out;
}

Nonce SoloEngine::next_nonce(const Address& address) const { return mempool_.next_nonce(address); }

Result<Inclusion> SoloEngine::find(const Hash& tx) const {
  const bool waits = mempool_.contains(tx);
  auto inclusion = lookup_.find(tx);
  if (waits && inclusion.has_error()) {
    return Error{"tx_waiting", "the transaction waits for a block"};
  }
  return inclusion;
}

Result<std::vector<Occurrence>> SoloEngine::history(const Subject& subject,
                                                    const HistoryRange& range) const {
  return lookup_.history(subject, range);
}

void SoloEngine::on_block(std::function<void(const Block&)> listener) {
  listeners_.push_back(std::move(listener));
}

// --- When a block is due ------------------------------------------------------------------------

Result<bool> SoloEngine::step() {
  TRY(check_running());
  const TimeMs time = std::max(last_time(), clock_());
  const Height height(tip_ ? tip_->height.value() + 1 : 1);
  const BlockContext context{kProtocol, height, time, key_};
  const auto txs = choose(context);
  const bool must = !txs.empty() || proof_time() <= time;
  if (!must && wake_time() > time) {
    const bool is_idle = elapsed(last_time(), time) >= kIdle;
    if (const auto saved = checkpoint_if_due(is_idle); !saved) return fail(saved.error());
    return false;
  }
  auto made = make_block(context, txs, !must);
  if (made.has_error()) return fail(made.error());
  return made;
}

std::vector<VerifiedTx> SoloEngine::choose(const BlockContext& context) {
  mempool_.expire(context.time);
  const std::size_t waiting = mempool_.size();
  auto candidates = mempool_.take(config_.block_bytes_max);
  if (candidates.empty()) return {};
  auto txs = machine_.prepare(context, candidates);
  block_is_full_ = txs.size() < std::max(waiting, candidates.size());
  if (txs.empty()) {
    // Nothing will make them executable but a change that only they could bring.
    spdlog::warn("dropped {} waiting transactions that cannot be executed", candidates.size());
    mempool_.drop(candidates);
  }
  return txs;
}

TimeMs SoloEngine::last_time() const { return tip_ ? tip_->time : config_.genesis_time; }

const Hash& SoloEngine::root() {
  if (!root_) root_ = machine_.root();
  return *root_;
}

TimeMs SoloEngine::proof_time() {
  const bool changed = tip_ && root() != tip_->state_root;
  return changed ? tip_->time + config_.proof_block : kNever;
}

TimeMs SoloEngine::wake_time() const {
  return std::max(machine_.wake_at().value_or(kNever), quiet_until_);
}

std::chrono::milliseconds SoloEngine::idle_time() {
  if (mempool_.size() > 0) return std::chrono::milliseconds(0);
  const TimeMs now = std::max(last_time(), clock_());
  const TimeMs due = std::min({now + kSleepMax, wake_time(), proof_time()});
  return std::chrono::milliseconds(elapsed(now, due).value());
}

// --- Making one ---------------------------------------------------------------------------------

Result<bool> SoloEngine::make_block(const BlockContext& context, const std::vector<VerifiedTx>& txs,
                                    bool only_woken) {
  BlockOutcome outcome = machine_.finalize(context, txs);
  CHECK(outcome.receipts.size() == txs.size());
  if (only_woken && outcome.events.empty() && !outcome.changed) {
    spdlog::warn("the state machine asked for a block in which nothing happens");
    quiet_until_ = context.time + kWakeBackoff;
    machine_.give_up();
    return false;
  }
  const Block block = seal(context, txs, outcome);
  if (auto stored = store_.append(block); stored.has_error()) {
    machine_.give_up();
    return stored.error();
  }
  settle(txs);
  // Before anybody sees the height, and before the mempool forgets, so that one of the two always
  // knows a transaction.
  index(block, txs, outcome);
  publish(block.header);
  mempool_.on_block(txs);
  for (const auto& listener : listeners_) listener(block);
  TRY(checkpoint_if_due(false));
  return true;
}

/// What follows once a block is durable.
void SoloEngine::settle(std::span<const VerifiedTx> txs) {
  machine_.commit();
  root_.reset();
  transactions_ += txs.size();
}

void SoloEngine::index(const Block& block, std::span<const VerifiedTx> txs,
                       const BlockOutcome& outcome) {
  lookup_.add(block, outcome.mentions);
  for (const VerifiedTx& tx : txs) unsaved_bytes_ += tx.raw().size();
}

Block SoloEngine::seal(const BlockContext& context, const std::vector<VerifiedTx>& txs,
                       const BlockOutcome& outcome) {
  Block block;
  block.transactions.reserve(txs.size());
  std::vector<Hash> ids;
  ids.reserve(txs.size());
  for (const VerifiedTx& tx : txs) {
    block.transactions.push_back(tx.raw());
    ids.push_back(tx.id());
  }
  block.receipts = outcome.receipts;
  block.events = outcome.events;
  Header& header = block.header;
  header.protocol = context.protocol;
  header.chain_id = config_.chain_id;
  header.height = context.height;
  header.time = context.time;
  if (tip_) header.previous = header_hash(*tip_);
  header.transactions_root = transactions_root(std::move(ids));
  header.receipts_root = outcome.receipts_root;
  header.state_root = root();
  header.proposer = key_;
  block.signature = ed25519_sign(config_.consensus_seed, header_hash(header).bytes);
  return block;
}

void SoloEngine::publish(const Header& header) {
  tip_ = header;
  const Hash hash = header_hash(header);
  const std::lock_guard lock(mutex_);
  status_.height = header.height;
  status_.hash = hash;
  status_.time = header.time;
  status_.transactions = transactions_;
}

}  // namespace bourse::chain
