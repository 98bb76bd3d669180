// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/simulation.hpp"

#include <set>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/invariants.hpp"

namespace bourse::sim {
namespace {

/// Typed errors of a disk that does not do what it should.
const std::set<std::string> kDiskErrors = {"disk_full",    "disk_low",       "store_failed",
                                           "file_error",   "anchor_corrupt", "store_open_failed",
                                           "store_corrupt"};

Hash digest_of(const chain::Block& block) { return sha256(encode(block)); }

}  // namespace

Simulation::Simulation(std::uint64_t seed)
    : random_(seed),
      disk_(seed),
      env_(disk_),
      mount_(disk_, (directory_ / "home").string()),
      actors_(random_),
      genesis_(test::random_genesis(random_)),
      now_(genesis_.time.value()),
      twin_(genesis_) {
  store_config_.directory = directory_ / "home/db";
  store_config_.anchor = directory_ / "home/anchor";
  store_config_.chain_id = market::chain_id(genesis_);
  store_config_.reserve_bytes = random_.chance(50) ? 0 : 64 << 10;
  store_config_.env = env_.get();
  config_.chain_id = store_config_.chain_id;
  config_.genesis_time = genesis_.time;
  config_.consensus_seed = test::consensus_seed();
  config_.checkpoint_interval_blocks = 1 + random_.below(20);
  twin_.init_chain();
}

SimReport Simulation::run(int accidents) {
  restart("for the first time");
  for (int i = 0; i < accidents && report_.problems.empty(); ++i) {
    const std::uint64_t choice = random_.below(100);
    live_until(choice < 60   ? Accident::power_cut
               : choice < 75 ? Accident::failed_operation
               : choice < 85 ? Accident::full_disk
               : choice < 95 ? Accident::unreadable
                             : Accident::none);
  }
  return finish();
}

SimReport Simulation::cut_young(std::uint64_t operations) {
  disk_.crash_after(operations);
  if (const auto started = start(); started.has_error()) ended_ = started.error();
  live_on(Accident::power_cut);
  return finish();
}

SimReport Simulation::finish() {
  stop();
  disk_.reboot();
  restart("at the end");
  stop();
  report_.blocks = told_blocks_.size();
  report_.transactions = told_txs_.size();
  report_.operations = disk_.operations();
  report_.log_hash = disk_.log_hash();
  return report_;
}

void Simulation::problem(const std::string& what) {
  report_.problems.push_back("after block " + std::to_string(told_blocks_.size()) + " and " +
                             std::to_string(disk_.operations()) + " operations: " + what);
}

// --- The node -----------------------------------------------------------------------------------

Result<void> Simulation::start() {
  ended_.reset();
  env_.set_time(now_);
  market_ = std::make_unique<market::Market>(genesis_);
  TRY_ASSIGN(store_, chain::Store::open(store_config_));
  engine_ = std::make_unique<chain::SoloEngine>(config_, *market_, *store_,
                                                [this] { return TimeMs(now_); });
  engine_->on_block([this](const chain::Block& block) { told(block); });
  return engine_->recover();
}

void Simulation::stop() {
  engine_.reset();
  store_.reset();
}

/// Starts on a disk that works, so it has to succeed.
void Simulation::restart(const std::string& when) {
  const auto started = start();
  if (started.has_error()) {
    return problem("the start " + when + " ended with " + started.error().kind + ": " +
                   started.error().message);
  }
  verify();
}

/// Starts on a disk that may not work: it has to succeed or to say why it does not.
void Simulation::try_start(const std::string& accident) {
  const auto started = start();
  if (started) {
    verify();
  } else {
    ++report_.cut_while_starting;
    if (!kDiskErrors.contains(started.error().kind)) {
      problem(accident + " came out as " + started.error().kind + ": " + started.error().message);
    }
  }
  stop();
}

void Simulation::told(const chain::Block& block) {
  if (block.header.height.value() != told_blocks_.size() + 1) {
    problem("block " + std::to_string(block.header.height.value()) + " was told out of order");
  }
  told_blocks_.push_back(digest_of(block));
  for (const chain::Receipt& receipt : block.receipts) {
    told_txs_.emplace_back(receipt.tx, block.header.height);
  }
}

// --- Life ---------------------------------------------------------------------------------------

void Simulation::trade() {
  const test::Deed deed = actors_.deed(*market_->snapshot(), TimeMs(now_));
  chain::TxBody body;
  body.chain_id = config_.chain_id;
  body.sender = test::address_of(deed.sender);
  body.nonce = engine_->next_nonce(body.sender);
  // A few of one sender may wait together.
  body.fee_limit = Amount(market_->account(body.sender).balance.value() / 4);
  body.valid_until = TimeMs(now_) + seconds(3600);
  body.operations = deed.operations;
  const auto sent = engine_->submit(test::sign_repeatably(body, deed.sender));
  if (sent.has_error() && sent.error().kind == "disk_low") ++report_.refused_for_room;
}

void Simulation::pass_time() {
  const auto wake = market_->wake_at();
  const bool is_near = wake && *wake > TimeMs(now_) && *wake < TimeMs(now_) + seconds(3600);
  now_ = is_near && random_.chance(40) ? wake->value() : now_ + random_.below(20'000);
  env_.set_time(now_);
}

void Simulation::do_something() {
  for (std::uint64_t i = random_.below(4); i > 0; --i) trade();
  if (random_.chance(40)) pass_time();
  if (random_.chance(50)) env_.run_background_job();
  for (int blocks = 0; blocks < 5; ++blocks) {
    const auto made = engine_->step();
    if (made.has_error()) ended_ = made.error();
    if (made.has_error() || !*made) return;
  }
}

void Simulation::arm(Accident accident) {
  // Often in the middle of a block, sometimes in the middle of a compaction or of a start.
  const std::uint64_t when = 1 + random_.below(random_.chance(50) ? 60 : 400);
  if (accident == Accident::power_cut) disk_.crash_after(when);
  if (accident == Accident::failed_operation) disk_.fail_after(when);
  if (accident == Accident::full_disk) disk_.leave_room(random_.below(400'000));
}

void Simulation::live_until(Accident accident) {
  const bool while_starting = random_.chance(30);
  if (while_starting) {
    stop();
    if (random_.chance(50)) disk_.reboot();
    if (accident != Accident::full_disk) arm(accident);
    if (const auto started = start(); started.has_error()) ended_ = started.error();
    if (ended_) ++report_.cut_while_starting;
  } else {
    arm(accident);
  }
  live_on(accident);
}

void Simulation::live_on(Accident accident) {
  for (int i = 0; i < 25 && !ended_; ++i) do_something();
  if (ended_ && accident == Accident::none) problem("it ended by itself: " + ended_->message);
  if (ended_ && !kDiskErrors.contains(ended_->kind)) {
    problem("the disk's error came out as " + ended_->kind + ": " + ended_->message);
  }
  has_doubt_ = ended_.has_value();
  if (engine_ && ended_ && engine_->step()) problem("it goes on after " + ended_->kind);
  stop();
  recover_from(accident);
}

void Simulation::recover_from(Accident accident) {
  disk_.cancel_faults();
  if (accident == Accident::power_cut) {
    ++report_.power_cuts;
    disk_.reboot();
    // It may go again while the node recovers, and again.
    while (random_.chance(40)) {
      disk_.crash_after(1 + random_.below(80));
      try_start("a power cut while it recovers");
      disk_.reboot();
    }
  } else if (accident == Accident::failed_operation) {
    if (ended_) ++report_.failed_operations;
    if (random_.chance(50)) disk_.reboot();
  } else if (accident == Accident::full_disk) {
    if (ended_) ++report_.full_disks;
    // RocksDB may abort the process on a full disk, which the reserve is there to prevent.
    if (store_config_.reserve_bytes > 0) try_start("a full disk");
    disk_.make_room();
  } else if (accident == Accident::unreadable) {
    ++report_.unreadable;
    const std::string name = disk_.spoil_one_byte(store_config_.directory.string());
    try_start("an unreadable byte of " + name);
    disk_.heal();
  }
  restart("after an accident");
}

// --- What must be -------------------------------------------------------------------------------

void Simulation::verify() {
  const std::uint64_t tip = engine_->status().height.value();
  const std::uint64_t told = told_blocks_.size();
  if (tip < told) return problem("blocks are lost: the tip is " + std::to_string(tip));
  if (tip > told + (has_doubt_ ? 1 : 0)) {
    return problem("blocks from nowhere: the tip is " + std::to_string(tip));
  }
  for (std::uint64_t h = twin_height_ + 1; h <= tip; ++h) {
    if (!verify_block(Height(h))) return;
  }
  verify_state();
  verify_found();
  has_doubt_ = false;
}

bool Simulation::verify_block(Height height) {
  const auto block = store_->block(height);
  if (block.has_error()) {
    // A byte of it cannot be read; once the disk is well again it must be there.
    if (block.error().kind != "store_corrupt") problem("a block is gone: " + block.error().kind);
    return false;
  }
  if (height.value() > told_blocks_.size()) {
    ++report_.in_doubt;
    told(*block);
  }
  if (digest_of(*block) != told_blocks_[height.value() - 1]) {
    problem("block " + std::to_string(height.value()) + " is another one than was told");
    return false;
  }
  const chain::Header& header = block->header;
  if (twin_height_ > 0 && twin_.root() != header.state_root) {
    problem("block " + std::to_string(height.value()) + " follows another state");
  }
  std::vector<chain::VerifiedTx> txs;
  for (const Bytes& raw : block->transactions) {
    txs.push_back(chain::verify_tx(raw, config_.chain_id).value());
  }
  twin_.finalize({header.protocol, header.height, header.time, header.proposer}, txs);
  twin_.commit();
  twin_height_ = height.value();
  return true;
}

void Simulation::verify_state() {
  if (twin_.root() != market_->root()) problem("its state is another one than its twin's");
  const auto state = market_->snapshot();
  for (const std::string& violation : market::audit(*state)) problem(violation);
  if (state->globals().supply != market::supply(genesis_)) problem("the supply has changed");
}

void Simulation::verify_found() {
  for (int i = 0; i < 12 && !told_txs_.empty(); ++i) {
    const std::uint64_t back = i < 6 ? static_cast<std::uint64_t>(i) : random_.below(UINT64_MAX);
    const auto& [id, height] = told_txs_[told_txs_.size() - 1 - back % told_txs_.size()];
    const auto found = engine_->find(id);
    if (found.has_error() && found.error().kind == "store_corrupt") continue;
    if (found.has_error() || found->height != height) {
      problem("a transaction of block " + std::to_string(height.value()) + " is not found again");
    }
  }
}

}  // namespace bourse::sim
