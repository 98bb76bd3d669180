// SPDX-License-Identifier: Apache-2.0
//
// A backend with a small market behind it and an engine that tests command: it takes any bytes, but
// for those that begin with 0xff, and can be held up.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/crypto.hpp"
#include "rpc/methods.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/world.hpp"

namespace bourse::test {

class ToyEngine : public chain::Engine {
 public:
  Result<void> start() override { return {}; }
  void stop() override {}
  std::vector<Result<Hash>> submit_all(std::vector<Bytes> raws) override {
    std::unique_lock lock(mutex_);
    asked_ += raws.size();
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_held_; });
    std::vector<Result<Hash>> out;
    for (const Bytes& raw : raws) out.push_back(answer(raw));
    return out;
  }
  chain::EngineStatus status() const override { return {}; }
  Nonce next_nonce(const Address& address) const override { return Nonce(address.bytes[0]); }
  Result<chain::Inclusion> find(const Hash& tx) const override {
    if (tx.bytes[0] < 0x80) return Error{"tx_not_found", "no block has it"};
    if (tx.bytes[0] < 0xc0) return Error{"tx_waiting", "it waits"};
    return chain::Inclusion{Height(7), 1, TimeMs(99), {tx, 0, 0, Amount(5)}};
  }
  Result<std::vector<chain::Occurrence>> history(const chain::Subject&,
                                                 const chain::HistoryRange&) const override {
    return std::vector<chain::Occurrence>{};
  }
  void on_block(std::function<void(const chain::Block&)>) override {}

  /// While it is held, every submission waits.
  void hold(bool is_held) {
    const std::lock_guard lock(mutex_);
    is_held_ = is_held;
    changed_.notify_all();
  }
  void be_busy(bool is_busy) {
    const std::lock_guard lock(mutex_);
    is_busy_ = is_busy;
  }
  /// What begins with this byte is refused.
  void refuse(std::uint8_t first) {
    const std::lock_guard lock(mutex_);
    refused_ = first;
  }
  std::size_t asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  /// Returns when so many submissions have begun.
  bool wait_asked(std::size_t count, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return asked_ >= count; });
  }

 private:
  Result<Hash> answer(const Bytes& raw) const {
    if (is_busy_) return Error{"busy", "the queue is full"};
    if (!raw.empty() && raw[0] == refused_) return Error{"nonce_too_low", "say \"please\"\n"};
    return sha256(raw);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  bool is_busy_ = false;
  std::uint8_t refused_ = 0xff;
  std::size_t asked_ = 0;
};

struct BackendRig {
  TempDir dir;
  World world{test_genesis(free_params(), {{"alice", 1'000'000}, {"bob", 1'000'000}})};
  ToyEngine engine;
  std::unique_ptr<chain::Store> store;
  std::unique_ptr<rpc::BlobStore> blobs;
  std::optional<rpc::Backend> backend;
  OfferId offer;

  BackendRig() {
    chain::StoreConfig config;
    config.directory = dir / "store";
    config.anchor = dir / "anchor";
    store = chain::Store::open(config).value();
    blobs = rpc::BlobStore::open(dir / "blobs", {}).value();
    backend.emplace(rpc::Backend{engine,
                                 *store,
                                 world.market(),
                                 *blobs,
                                 hash_of("chain"),
                                 JsonStyle{},
                                 consensus_seed(),
                                 seconds(3600),
                                 1 << 20,
                                 [this] { return world.now(); },
                                 {}});
    const auto provider = world.next_id<ProviderId>("bob");
    world.run("bob", market::ProviderRegister{address_of("bob_agent"), address_of("bob"), "",
                                              Amount(100'000)});
    market::OfferTerms terms;
    terms.runtimes = std::vector{hash_of("runtime")};
    terms.capacity = {8000, 8000, 8000, 0};
    terms.prices.start_fee = Amount(100);
    terms.lifetime = seconds(3600);
    world.settle();
    offer = world.next_id<OfferId>("bob");
    CHECK(world.run("bob", market::OfferCreate{provider, terms}) == 0);
    world.settle();
  }
};

}  // namespace bourse::test
