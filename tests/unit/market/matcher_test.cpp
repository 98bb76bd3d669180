// SPDX-License-Identifier: Apache-2.0
//
// Goal: matching gives each task exactly the cheapest offers that can serve it, in the order that
// the rules say, whatever the budget. Method: random books and queues against an oracle that is
// written from the rules (SPEC 5.3) with no index, no cursor and no budget, and eats up capacity
// and bond as it goes.
#include "market/matcher.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "tests/support/random_book.hpp"

namespace bourse::market {
namespace {

/// The rules of SPEC 5.3 in the most obvious way.
class Oracle {
 public:
  Oracle(const State& state, const Hash& seed) : state_(state) {
    for (std::uint32_t i = 0; i < state.table<Offer>().size(); ++i) {
      offers_.push_back(state.table<Offer>().at(i));
    }
    for (std::uint32_t i = 0; i < state.table<Provider>().size(); ++i) {
      const Provider& provider = state.table<Provider>().at(i);
      providers_[provider.id] = provider;
    }
    for (std::uint32_t i = 0; i < state.table<Task>().size(); ++i) {
      Task task = state.table<Task>().at(i);
      if (task.arrival == Height(kHeight)) continue;
      if (task.order == 0) task.order = place(seed, task.id);
      queue_.push_back(task);
    }
    std::sort(queue_.begin(), queue_.end(), [](const Task& a, const Task& b) {
      return std::tie(a.arrival, a.order, a.id) < std::tie(b.arrival, b.order, b.id);
    });
    for (const Task& task : queue_) serve(task);
  }

  /// The offers that each task gets, in order.
  const std::map<TaskId, std::vector<OfferId>>& choices() const { return choices_; }

 private:
  static std::uint64_t place(const Hash& seed, const TaskId& task) {
    const Hash hash = tagged_hash("bourse/order", {seed.bytes, task.bytes});
    const std::string hex = to_hex(ByteView(hash.bytes).first(8));
    return std::stoull(hex, nullptr, 16);
  }

  static std::uint64_t price(const Offer& offer, const Job& job) {  // One hour.
    return offer.terms.prices.start_fee.value() +
           offer.terms.prices.cpu_milli_hour.value() * job.terms.bundle.cpu_milli;
  }

  static std::uint64_t score(const Provider& provider, std::uint64_t price) {
    const auto at_most_100 = [](std::uint64_t count) { return count > 100 ? 100 : count; };
    std::uint64_t penalty = 10 * at_most_100(provider.failed) + 50 * at_most_100(provider.late) +
                            500 * at_most_100(provider.lied);
    if (penalty > 4000) penalty = 4000;
    return price * (1000 + penalty) / 1000;
  }

  bool can_serve(const Offer& offer, const Provider& provider, const Job& job,
                 const std::set<Address>& out) const {
    const JobTerms& terms = job.terms;
    const auto has = [](const auto& list, const auto& item) {
      for (const auto& each : list) {
        if (each == item) return true;
      }
      return false;
    };
    const std::uint64_t grains = price(offer, job);
    return offer.state == OfferState::open && offer.terms.arch == terms.arch &&
           *offer.terms.gpu_model == terms.gpu_model && (!offer.is_bid() || *offer.job == job.id) &&
           has(*offer.terms.runtimes, terms.runtime) &&
           offer.free.cpu_milli >= terms.bundle.cpu_milli &&
           offer.free.memory_mib >= terms.bundle.memory_mib &&
           offer.free.disk_mib >= terms.bundle.disk_mib && grains <= terms.price_max.value() &&
           !provider.retired && provider.assignments.size() < 6 &&
           provider.bond_free.value() >= 2 * grains &&
           (terms.regions.empty() || has(terms.regions, provider.region)) &&
           (terms.allowed.empty() || has(terms.allowed, provider.id)) &&
           !has(terms.excluded, provider.id) && provider.done >= terms.done_min &&
           !out.contains(provider.owner);
  }

  void serve(const Task& task) {
    const Job& job = *state_.get<Job>(task.job);
    std::set<Address> out;
    for (std::uint32_t i = 0; i < task.attempts; ++i) {
      out.insert(providers_.at(state_.get<Assignment>(assignment_id(task.id, i))->provider).owner);
    }
    std::vector<std::size_t> chosen;
    while (chosen.size() < task.wanted) {
      std::optional<std::size_t> best;
      std::uint64_t best_score = 0;
      for (std::size_t i = 0; i < offers_.size(); ++i) {  // In order of age.
        const Provider& provider = providers_.at(offers_[i].provider);
        if (!can_serve(offers_[i], provider, job, out)) continue;
        const std::uint64_t its_score = score(provider, price(offers_[i], job));
        if (best && its_score >= best_score) continue;
        best = i;
        best_score = its_score;
      }
      if (!best) return;
      chosen.push_back(*best);
      out.insert(providers_.at(offers_[*best].provider).owner);
    }
    for (const std::size_t i : chosen) {
      choices_[task.id].push_back(offers_[i].id);
      Provider& provider = providers_.at(offers_[i].provider);
      provider.assignments.emplace_back();
      provider.bond_free -= Amount(2 * price(offers_[i], job));
      offers_[i].free = subtract(offers_[i].free, job.terms.bundle);
    }
  }

  const State& state_;
  std::vector<Offer> offers_;
  std::map<ProviderId, Provider> providers_;
  std::vector<Task> queue_;
  std::map<TaskId, std::vector<OfferId>> choices_;
};

/// Runs match phases until nothing is owed but the newcomers; returns how many it took.
int match_all(State& state, const Hash& seed) {
  Indexes indexes = Indexes::of(state);
  for (int phases = 1;; ++phases) {
    Context context(state, indexes);
    match(context, state, [&] { return seed; });
    if (state.globals().cursor_task.is_zero()) return phases;
  }
}

void expect_choices(const State& before, const State& after, const Oracle& oracle) {
  for (std::uint32_t i = 0; i < before.table<Task>().size(); ++i) {
    const Task& old = before.table<Task>().at(i);
    const Task& task = *after.get<Task>(old.id);
    std::vector<OfferId> got;
    for (std::uint32_t attempt = old.attempts; attempt < task.attempts; ++attempt) {
      got.push_back(after.get<Assignment>(assignment_id(task.id, attempt))->offer);
    }
    const auto wanted = oracle.choices().find(task.id);
    EXPECT_EQ(got, wanted == oracle.choices().end() ? std::vector<OfferId>{} : wanted->second);
    EXPECT_EQ(task.state, got.empty() ? TaskState::queued : TaskState::running);
  }
}

TEST(Match, GivesWhatTheOracleGives) {
  std::size_t served = 0;
  std::size_t waiting = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const State before = random_state(seed);
    const Hash root = id_of<Hash>("root", seed);
    State after = before;
    EXPECT_EQ(match_all(after, root), 1);
    const Oracle oracle(before, root);
    expect_choices(before, after, oracle);
    served += oracle.choices().size();
    waiting += before.table<Task>().size() - oracle.choices().size();
    if (testing::Test::HasFailure()) return;
  }
  // The books are neither so rich nor so poor that the comparison says nothing.
  EXPECT_GT(served, 500u);
  EXPECT_GT(waiting, 1000u);
}

TEST(Match, ASmallBudgetTakesMoreBlocksAndGivesTheSame) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    const Hash root = id_of<Hash>("root", seed);
    for (const std::uint32_t budget : {1u, 7u, 30u, 100u}) {
      State before = random_state(seed);
      before.table<Globals>().edit_at(0).params.match_evaluations_max = budget;
      State after = before;
      const int phases = match_all(after, root);
      EXPECT_GE(phases, budget == 1 ? 3 : 1);
      expect_choices(before, after, Oracle(before, root));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Match, LeavesTheNewcomersForTheNextBlockAndComesBackForThem) {
  State state = random_state(1);
  bool any = false;
  for (std::uint32_t i = 0; i < state.table<Task>().size(); ++i) {
    any = any || state.table<Task>().at(i).arrival == Height(kHeight);
  }
  ASSERT_TRUE(any);
  match_all(state, Hash{});
  EXPECT_TRUE(state.globals().match_pending);
  state.height = Height(kHeight + 1);
  match_all(state, Hash{});
  EXPECT_FALSE(state.globals().match_pending);
}

TEST(Match, NothingIsLookedAtWhenNothingIsOwed) {
  State state = random_state(2);
  match_all(state, Hash{});
  state.table<Globals>().edit_at(0).match_pending = false;
  const State before = state;
  Indexes indexes = Indexes::of(state);
  Context context(state, indexes);
  match(context, state, [] { return Hash{}; });
  std::apply([](const auto&... changed) { EXPECT_TRUE((changed.handles.empty() && ...)); },
             context.changes());
}

TEST(Evaluate, NamesTheFirstReasonInTheOrderOfTheTable) {
  State state = random_state(3);
  Provider provider;
  provider.id = id_of<ProviderId>("mine", 0);
  provider.owner = id_of<Address>("mine", 0);
  provider.retired = true;
  provider.assignments.resize(6);
  Job job;
  job.id = id_of<JobId>("mine", 0);
  job.terms.runtime = id_of<Hash>("runtime", 1);
  job.terms.bundle = {2, 2, 2, 0};
  job.terms.run_seconds = 3600;
  job.terms.done_min = 1;
  job.terms.regions = {"eu"};
  job.terms.allowed = {id_of<ProviderId>("another", 0)};
  job.terms.excluded = {provider.id};
  Offer offer;
  offer.provider = provider.id;
  offer.job = id_of<JobId>("another", 0);
  offer.state = OfferState::expired;
  offer.terms.arch = Arch::arm64;
  offer.terms.prices.start_fee = Amount(10);
  state.table<Provider>().insert(provider);
  std::set<Address> drawn = {provider.owner};
  const auto reason = [&] { return enum_name(evaluate(state, job, offer, drawn).mismatch); };
  const auto mine = [&]() -> Provider& {
    return state.table<Provider>().edit_at(state.table<Provider>().size() - 1);
  };

  EXPECT_EQ(reason(), "offer_closed");
  offer.state = OfferState::open;
  EXPECT_EQ(reason(), "other_class");
  offer.terms.arch = Arch::amd64;
  EXPECT_EQ(reason(), "bid_for_another_job");
  offer.job = {};
  EXPECT_EQ(reason(), "runtime");
  offer.terms.runtimes = std::vector{job.terms.runtime};
  EXPECT_EQ(reason(), "capacity");
  offer.free = job.terms.bundle;
  EXPECT_EQ(reason(), "price");
  job.terms.price_max = Amount(10);
  EXPECT_EQ(reason(), "provider_retired");
  mine().retired = false;
  EXPECT_EQ(reason(), "provider_full");
  mine().assignments.resize(5);
  EXPECT_EQ(reason(), "bond");
  mine().bond_free = Amount(20);
  EXPECT_EQ(reason(), "region");
  mine().region = "eu";
  EXPECT_EQ(reason(), "not_allowed");
  job.terms.allowed.push_back(provider.id);
  EXPECT_EQ(reason(), "excluded");
  job.terms.excluded = {};
  EXPECT_EQ(reason(), "record");
  mine().done = 1;
  EXPECT_EQ(reason(), "already_drawn");
  drawn = {};
  EXPECT_EQ(reason(), "none");
}

TEST(Evaluate, ThePriceOfAWholeSupplyOverflowsNothing) {
  State state = random_state(4);
  Globals& globals = state.table<Globals>().edit_at(0);
  globals.params.bond_permille = 100'000;
  Provider& provider = state.table<Provider>().edit_at(0);
  provider.lied = provider.late = provider.failed = UINT64_MAX;
  provider.retired = false;
  provider.assignments = {};
  provider.bond_free = kAmountMax;
  Job job;
  job.terms.price_max = kAmountMax;
  job.terms.bundle = {1, 1, 1, 0};
  Offer offer;
  offer.provider = provider.id;
  offer.terms.runtimes = std::vector{Hash{}};
  offer.free = job.terms.bundle;
  offer.terms.prices.start_fee = kAmountMax;
  const Evaluation dear = evaluate(state, job, offer, {});
  EXPECT_EQ(dear.mismatch, Mismatch::bond);
  EXPECT_EQ(dear.score, Amount(UINT64_MAX));
  offer.terms.prices.start_fee = Amount(1000);
  const Evaluation cheap = evaluate(state, job, offer, {});
  EXPECT_EQ(cheap.mismatch, Mismatch::none);
  EXPECT_EQ(cheap.bond, Amount(100'000));
  EXPECT_EQ(cheap.score, Amount(5000)) << "the penalty is at most four times the price";
}

}  // namespace
}  // namespace bourse::market
