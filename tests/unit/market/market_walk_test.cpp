// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever people do, no law of the market breaks and no grain is stranded. Method: actors
// that mostly do the next sensible thing with whatever exists, and often something else: random
// operations of every type, silence, jumps in time, outages. World judges each block. At the end
// everybody falls silent, and the chain must bring everything to its end by itself. The seed of a
// failure is in its trace: BOURSE_WALK_SEED=n runs that one alone, BOURSE_WALKS=n that many.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/actors.hpp"
#include "tests/support/random_fields.hpp"
#include "tests/support/world.hpp"

namespace bourse::market {
namespace {

class Walk {
 public:
  explicit Walk(std::uint64_t seed)
      : random_(seed), world_(test::random_genesis(random_)), actors_(random_) {}

  void run() {
    for (int step = 0; step < 60; ++step) {
      std::vector<chain::VerifiedTx> txs;
      for (std::uint64_t i = random_.below(5); i > 0; --i) txs.push_back(transaction());
      for (const auto& receipt : world_.block(txs).receipts) {
        ++(receipt.error == 0 ? succeeded_ : failed_);
      }
      pass_time();
      if (testing::Test::HasFailure()) return;
    }
    world_.run_until_idle();
    expect_all_ended();
    world_.check_replay();
    world_.check_proofs();
    for (const std::string& problem : world_.take_problems()) ADD_FAILURE() << problem;
  }

  int succeeded() const { return succeeded_; }
  int failed() const { return failed_; }
  const test::World& world() const { return world_; }

 private:
  void pass_time() {
    const std::uint64_t choice = random_.below(10);
    if (choice < 4) return;
    if (choice < 7) {
      world_.skip(DurationMs(random_.below(20'000)));
    } else if (choice == 7) {
      world_.wait(seconds(random_.below(200)));
    } else if (choice == 8) {  // To the very instant of the next timer.
      const auto wake = world_.market().wake_at();
      if (wake && elapsed(world_.now(), *wake) < seconds(3600)) {
        world_.skip(elapsed(world_.now(), *wake));
      }
    } else if (random_.chance(20)) {
      world_.skip(seconds(random_.below(10'000)));
    }
  }

  chain::VerifiedTx transaction() {
    const test::Deed deed = actors_.deed(world_.state(), world_.now());
    return world_.sign(deed.sender, deed.operations);
  }

  void expect_all_ended() {
    const State& state = world_.state();
    const auto for_all = [&]<class Record>(auto&& check, const chain::Table<Record>& table) {
      for (std::uint32_t i = 0; i < table.size(); ++i) check(table.at(i));
    };
    for_all([](const Job& job) { EXPECT_EQ(job.state, JobState::closed); }, state.table<Job>());
    for_all([](const Task& task) { EXPECT_TRUE(has_ended(task.state)); }, state.table<Task>());
    for_all([](const Assignment& a) { EXPECT_TRUE(has_ended(a.state)); },
            state.table<Assignment>());
    for_all(
        [](const Offer& offer) {
          EXPECT_NE(offer.state, OfferState::open);
          EXPECT_EQ(offer.free, offer.terms.capacity);
        },
        state.table<Offer>());
    for_all([](const Provider& provider) { EXPECT_EQ(provider.unbonding, Amount{}); },
            state.table<Provider>());
    // What is left is in accounts, in free bonds, or burned.
    Amount total = state.globals().burned;
    for_all([&](const Account& account) { total += account.balance; }, state.table<Account>());
    for_all([&](const Provider& provider) { total += provider.bond_free; },
            state.table<Provider>());
    EXPECT_EQ(total, state.globals().supply);
  }

  test::RandomFields random_;
  test::World world_;
  test::Actors actors_;
  int succeeded_ = 0;
  int failed_ = 0;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::stoull(text) : otherwise;
}

TEST(RandomWalk, BreaksNoLawAndStrandsNoGrain) {
  const std::uint64_t only = number_from("BOURSE_WALK_SEED", UINT64_MAX);
  const std::uint64_t walks = number_from("BOURSE_WALKS", 60);
  std::map<std::string_view, std::uint64_t> ends;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = 0; seed < walks; ++seed) {
    if (only != UINT64_MAX && seed != only) continue;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Walk walk(seed);
    walk.run();
    succeeded += static_cast<std::uint64_t>(walk.succeeded());
    failed += static_cast<std::uint64_t>(walk.failed());
    const auto& tasks = walk.world().state().table<Task>();
    for (std::uint32_t i = 0; i < tasks.size(); ++i) ++ends[enum_name(tasks.at(i).state)];
    const auto& replicas = walk.world().state().table<Assignment>();
    for (std::uint32_t i = 0; i < replicas.size(); ++i) ++ends[enum_name(replicas.at(i).state)];
    if (testing::Test::HasFailure()) return;
  }
  if (walks < 60 || only != UINT64_MAX) return;
  // A walk that never gets anywhere would prove nothing.
  EXPECT_GT(succeeded, failed / 2);
  for (const std::string_view end :
       {"accepted", "inconclusive", "unserved", "cancelled", "silent", "late", "failed"}) {
    EXPECT_GT(ends[end], 0u) << end;
  }
}

}  // namespace
}  // namespace bourse::market
