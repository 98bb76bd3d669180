// SPDX-License-Identifier: Apache-2.0
//
// Random states of the market for tests of the matcher: books of offers, some of them half used up,
// and queues of tasks.
#pragma once

#include "base/crypto.hpp"
#include "market/state.hpp"
#include "tests/support/random_fields.hpp"

namespace bourse::market {

constexpr std::uint64_t kHeight = 10;

/// One of a few words, so that equal ones are common.
inline std::string word(test::RandomFields& random, std::uint64_t count) {
  return std::string(1, static_cast<char>('a' + random.below(count)));
}

template <class Id>
Id id_of(const std::string& kind, std::uint64_t number) {
  const Hash hash = sha256(as_bytes(kind + std::to_string(number)));
  return *Id::from(ByteView(hash.bytes).first(Id::size()));
}

inline Bundle bundle(test::RandomFields& random, std::uint32_t most) {
  const auto some = [&] { return static_cast<std::uint32_t>(1 + random.below(most)); };
  return {some(), some(), some(), 0};
}

inline void add_provider(State& state, test::RandomFields& random, std::uint64_t number) {
  Provider provider;
  provider.id = id_of<ProviderId>("provider", number);
  provider.owner = id_of<Address>("owner", random.below(5));
  provider.region = word(random, 3);
  provider.bond_free = Amount(random.below(600));
  provider.retired = random.chance(5);
  if (provider.retired) provider.bond_free = {};
  provider.done = random.below(3);
  provider.failed = random.chance(30) ? random.below(200) : 0;
  provider.late = random.chance(30) ? random.below(5) : 0;
  provider.lied = random.chance(10) ? random.below(5) : 0;
  provider.assignments.resize(random.chance(20) ? 3 : random.below(2));
  state.table<Provider>().insert(provider);
}

inline void add_offer(State& state, test::RandomFields& random, std::uint64_t number) {
  Offer offer;
  offer.id = id_of<OfferId>("offer", number);
  offer.provider = id_of<ProviderId>("provider", random.below(8));
  if (random.chance(15)) offer.job = id_of<JobId>("job", random.below(6));
  offer.terms.arch = random.chance(80) ? Arch::amd64 : Arch::arm64;
  if (random.chance(20)) offer.terms.gpu_model = word(random, 2);
  offer.terms.runtimes = std::vector{id_of<Hash>("runtime", random.below(2))};
  offer.terms.capacity = offer.free = bundle(random, 16);
  offer.terms.prices.cpu_milli_hour = Amount(random.below(4));
  offer.terms.prices.start_fee = Amount(random.below(20));
  offer.state = random.chance(90) ? OfferState::open : OfferState::cancelled;
  if (offer.state == OfferState::open) offer.timer = TimeMs(1'000'000);
  state.table<Offer>().insert(offer);
}

inline void add_job(State& state, test::RandomFields& random, std::uint64_t number) {
  Job job;
  job.id = id_of<JobId>("job", number);
  JobTerms& terms = job.terms;
  terms.runtime = id_of<Hash>("runtime", random.below(2));
  terms.arch = random.chance(90) ? Arch::amd64 : Arch::arm64;
  if (random.chance(10)) terms.gpu_model = word(random, 2);
  terms.bundle = bundle(random, 4);
  terms.run_seconds = 3600;
  terms.price_max = Amount(10 + random.below(40));
  terms.done_min = random.chance(20) ? 1 : 0;
  if (random.chance(20)) terms.regions = {word(random, 3)};
  if (random.chance(15)) {
    terms.allowed = {id_of<ProviderId>("provider", 1), id_of<ProviderId>("provider", 2)};
  }
  if (random.chance(20)) terms.excluded = {id_of<ProviderId>("provider", random.below(8))};
  terms.tasks = static_cast<std::uint32_t>(1 + random.below(3));
  job.escrow = Amount(100'000);
  job.arrival = Height(kHeight - random.below(3));
  job.tasks_open = terms.tasks;
  for (std::uint32_t i = 0; i < terms.tasks; ++i) {
    Task task;
    task.id = task_id(job.id, i);
    task.job = job.id;
    task.index = i;
    task.wanted = static_cast<std::uint32_t>(random.chance(60) ? 1 : 1 + random.below(3));
    task.arrival = job.arrival;
    task.order = job.arrival.value() + 1 < kHeight ? 1 + random.below(1000) : 0;
    task.timer = task.draws_end = TimeMs(1'000'000);
    task.attempts = random.chance(30) ? 1 : 0;
    if (task.attempts == 1) {  // An earlier replica, whose owner is out.
      Assignment earlier;
      earlier.id = assignment_id(task.id, 0);
      earlier.task = task.id;
      earlier.provider = id_of<ProviderId>("provider", random.below(8));
      earlier.state = AssignmentState::failed;
      state.table<Assignment>().insert(earlier);
    }
    state.table<Task>().insert(task);
  }
  state.table<Job>().insert(job);
}

inline State random_state(std::uint64_t seed) {
  test::RandomFields random(seed);
  State state;
  state.height = Height(kHeight);
  state.time = TimeMs(1000);
  Globals globals;
  globals.match_pending = true;
  globals.params.assignments_per_provider_max = 6;
  globals.supply = kAmountMax;
  state.table<Globals>().insert(globals);
  for (std::uint64_t i = 0; i < 8; ++i) add_provider(state, random, i);
  for (std::uint64_t i = 0; i < 5 + random.below(20); ++i) add_offer(state, random, i);
  for (std::uint64_t i = 0; i < 6; ++i) add_job(state, random, i);
  return state;
}

}  // namespace bourse::market
