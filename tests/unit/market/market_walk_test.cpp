// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever people do, no law of the market breaks and no grain is stranded. Method: actors
// that mostly do the next sensible thing with whatever exists, and often something else: random
// operations of every type, silence, jumps in time, outages. World judges each block. At the end
// everybody falls silent, and the chain must bring everything to its end by itself. The seed of a
// failure is in its trace: BOURSE_WALK_SEED=n runs that one alone, BOURSE_WALKS=n that many.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/crypto.hpp"
#include "market/result.hpp"
#include "tests/support/random_fields.hpp"
#include "tests/support/world.hpp"

namespace bourse::market {
namespace {

using test::address_of;
using test::hash_of;

const std::vector<std::string> kActors = {"alice", "bob",   "carol", "dave",
                                          "erin",  "frank", "grace"};

Params random_params(test::RandomFields& random) {
  Params params = test::free_params();
  if (random.chance(30)) params.fee_per_weight = Amount(random.below(20));
  if (random.chance(50)) params.timer_fires_max = static_cast<std::uint32_t>(1 + random.below(3));
  if (random.chance(50)) {
    params.match_evaluations_max = static_cast<std::uint32_t>(1 + random.below(20));
  }
  params.attempts_extra = static_cast<std::uint32_t>(random.below(4));
  params.assignments_per_provider_max = static_cast<std::uint32_t>(1 + random.below(6));
  params.offers_per_provider_max = static_cast<std::uint32_t>(1 + random.below(6));
  params.unbond_delay = seconds(1 + random.below(1000));
  params.bond_permille = static_cast<std::uint32_t>(random.below(4000));
  return params;
}

std::map<std::string, std::uint64_t> random_balances(test::RandomFields& random) {
  std::map<std::string, std::uint64_t> out;
  for (const std::string& actor : kActors) out[actor] = 10'000 + random.below(200'000);
  return out;
}

class Walk {
 public:
  explicit Walk(std::uint64_t seed)
      : random_(seed),
        world_(test::test_genesis(random_params(random_), random_balances(random_))) {}

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
  struct Deed {
    std::string sender;
    chain::Operation operation;
  };

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

  const std::string& actor() { return kActors[random_.below(kActors.size())]; }

  /// The name behind an address, or anybody.
  const std::string& name_of(const Address& address) {
    for (const std::string& name : kActors) {
      if (address_of(name) == address) return name;
    }
    return actor();
  }

  chain::VerifiedTx transaction() {
    Deed deed = random_.chance(85) ? sensible() : wild();
    if (random_.chance(5)) deed.sender = actor();
    std::vector<chain::Operation> operations = {deed.operation};
    while (random_.chance(10)) {
      const Deed more = random_.chance(50) ? sensible() : wild();
      operations.push_back(more.operation);
    }
    return world_.sign(deed.sender, operations);
  }

  /// Any operation at all; its ids mostly name nothing.
  Deed wild() {
    std::vector<chain::Operation> choices;
    TxTypes::for_each(
        [&]<class T>(const T&) { choices.push_back(to_operation(random_.make<T>())); });
    return {actor(), choices[random_.below(choices.size())]};
  }

  Deed sensible() {
    const std::uint64_t choice = random_.below(100);
    if (choice < 60) {
      if (auto deed = work()) return *deed;
    }
    if (choice < 70) return request();
    if (choice < 78) {
      if (auto deed = judge()) return *deed;
    }
    return supply();
  }

  template <class Record>
  const Record* any() {
    const auto& table = world_.state().table<Record>();
    if (table.size() == 0) return nullptr;
    return &table.at(static_cast<std::uint32_t>(random_.below(table.size())));
  }

  /// The next step of some replica.
  std::optional<Deed> work() {
    const auto& replicas = world_.state().table<Assignment>();
    const std::uint64_t start = random_.below(std::max(1U, replicas.size()));
    const Assignment* replica = nullptr;
    for (std::uint32_t i = 0; i < replicas.size() && !replica; ++i) {
      const Assignment& next =
          replicas.at(static_cast<std::uint32_t>((start + i) % replicas.size()));
      if (is_working(next.state)) replica = &next;
    }
    if (!replica) return std::nullopt;
    const Provider& provider = *world_.state().get<Provider>(replica->provider);
    const std::string& agent = name_of(provider.agent_key);
    if (random_.chance(8)) {
      return Deed{agent, to_operation(AssignmentFail{replica->id, FailReason::shutting_down})};
    }
    // What a replica finds is fixed, and mostly the same for all of a task.
    const bool lies = replica->id.bytes[0] < 50;
    const Hash digest = hash_of(lies ? "lie" : "truth");
    const Hash salt = hash_of("salt");
    switch (replica->state) {
      case AssignmentState::assigned:
        return Deed{agent, to_operation(AssignmentAccept{replica->id})};
      case AssignmentState::running:
        return Deed{agent,
                    to_operation(AssignmentCommit{
                        replica->id, commitment(replica->id, replica->provider, digest, salt)})};
      default:
        return Deed{agent, to_operation(AssignmentReveal{
                               replica->id, digest, salt,
                               sign_receipt(digest, 1, world_.now() + seconds(random_.below(4000)),
                                            test::consensus_seed())})};
    }
  }

  Deed request() {
    JobTerms terms;
    terms.spec = hash_of("spec");
    terms.runtime = hash_of("debian");
    terms.bundle = {1 + random_.below(500), 1 + random_.below(500), 1 + random_.below(500), 0};
    terms.tasks = static_cast<std::uint32_t>(1 + random_.below(4));
    terms.replicas_max = static_cast<std::uint32_t>(1 + random_.below(6));
    terms.margin = static_cast<std::uint32_t>(1 + random_.below(std::min(terms.replicas_max, 2U)));
    terms.run_seconds = static_cast<std::uint32_t>(1 + random_.below(100));
    terms.review = seconds(random_.chance(60) ? random_.below(600) : 0);
    terms.match_within = seconds(1 + random_.below(2000));
    terms.price_max = Amount(random_.below(300));
    if (random_.chance(20)) terms.done_min = 1;
    if (random_.chance(20)) terms.regions = {random_.chance(50) ? "eu" : "us"};
    return {actor(), to_operation(JobSubmit{terms})};
  }

  std::optional<Deed> judge() {
    const Task* task = any<Task>();
    if (!task) return std::nullopt;
    const std::string& owner = name_of(world_.state().get<Job>(task->job)->owner);
    switch (random_.below(4)) {
      case 0:
        return Deed{owner, to_operation(ResultAccept{task->job, task->index})};
      case 1:
        return Deed{owner, to_operation(JobCancel{task->job})};
      default:
        return Deed{owner, to_operation(ResultDispute{task->job, task->index})};
    }
  }

  OfferTerms offer_terms() {
    OfferTerms terms;
    terms.runtimes = {hash_of("debian")};
    terms.capacity = {1 + random_.below(2000), 1 + random_.below(2000), 1 + random_.below(2000), 0};
    terms.prices.cpu_milli_hour = Amount(random_.below(10));
    terms.prices.start_fee = Amount(random_.below(100));
    terms.lifetime = seconds(1 + random_.below(5000));
    return terms;
  }

  Deed supply() {
    const Provider* provider = any<Provider>();
    if (!provider || random_.chance(15)) {
      return {actor(), to_operation(ProviderRegister{address_of(actor()), address_of(actor()),
                                                     random_.chance(50) ? "eu" : "us",
                                                     Amount(random_.below(5000))})};
    }
    const std::string& owner = name_of(provider->owner);
    const Offer* offer = any<Offer>();
    const Job* job = any<Job>();
    switch (random_.below(12)) {
      case 0:
        return {owner, to_operation(
                           ProviderUpdate{provider->id, address_of(actor()), address_of(actor())})};
      case 1:
        return {owner, to_operation(ProviderBond{provider->id, Amount(random_.below(2000))})};
      case 2:
        return {owner, to_operation(ProviderUnbond{provider->id, Amount(random_.below(2000))})};
      case 3:
        if (random_.chance(30)) return {owner, to_operation(ProviderRetire{provider->id})};
        break;
      case 4:
      case 5:
        if (offer) {
          return {name_of(world_.state().get<Provider>(offer->provider)->owner),
                  random_.chance(60) ? to_operation(OfferChange{offer->id, offer_terms()})
                  : offer->is_bid()  ? to_operation(BidWithdraw{offer->id})
                                     : to_operation(OfferCancel{offer->id})};
        }
        break;
      case 6:
        if (job) return {owner, to_operation(BidPlace{provider->id, job->id, offer_terms()})};
        break;
      case 7:
        return {actor(), to_operation(Transfer{address_of(actor()), Amount(random_.below(9000))})};
      default:
        break;
    }
    return {owner, to_operation(OfferCreate{provider->id, offer_terms()})};
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
