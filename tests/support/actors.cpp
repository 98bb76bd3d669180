// SPDX-License-Identifier: Apache-2.0
#include "tests/support/actors.hpp"

#include "base/crypto.hpp"
#include "market/result.hpp"

namespace bourse::test {

using namespace market;  // NOLINT: people in a market

namespace {

const std::vector<std::string> kActors = {"alice", "bob",   "carol", "dave",
                                          "erin",  "frank", "grace"};

Params random_params(RandomFields& random) {
  Params params = free_params();
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

std::map<std::string, std::uint64_t> random_balances(RandomFields& random) {
  std::map<std::string, std::uint64_t> out;
  for (const std::string& actor : kActors) out[actor] = 10'000 + random.below(200'000);
  return out;
}

}  // namespace

Genesis random_genesis(RandomFields& random) {
  const Params params = random_params(random);
  return test_genesis(params, random_balances(random));
}

Deed Actors::deed(const State& state, TimeMs now) {
  state_ = &state;
  now_ = now;
  Step step = random_.chance(85) ? sensible() : wild();
  if (random_.chance(5)) step.sender = actor();
  Deed out{step.sender, {step.operation}};
  while (random_.chance(10)) {
    const Step more = random_.chance(50) ? sensible() : wild();
    out.operations.push_back(more.operation);
  }
  return out;
}

const std::string& Actors::actor() { return kActors[random_.below(kActors.size())]; }

const std::string& Actors::name_of(const Address& address) {
  for (const std::string& name : kActors) {
    if (address_of(name) == address) return name;
  }
  return actor();
}

Actors::Step Actors::wild() {
  std::vector<chain::Operation> choices;
  TxTypes::for_each([&]<class T>(const T&) { choices.push_back(to_operation(random_.make<T>())); });
  return {actor(), choices[random_.below(choices.size())]};
}

Actors::Step Actors::sensible() {
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
const Record* Actors::any() {
  const auto& table = state_->table<Record>();
  if (table.size() == 0) return nullptr;
  return &table.at(static_cast<std::uint32_t>(random_.below(table.size())));
}

std::optional<Actors::Step> Actors::work() {
  const auto& replicas = state_->table<Assignment>();
  const std::uint64_t start = random_.below(std::max(1U, replicas.size()));
  const Assignment* replica = nullptr;
  for (std::uint32_t i = 0; i < replicas.size() && !replica; ++i) {
    const Assignment& next = replicas.at(static_cast<std::uint32_t>((start + i) % replicas.size()));
    if (is_working(next.state)) replica = &next;
  }
  if (!replica) return std::nullopt;
  const Provider& provider = *state_->get<Provider>(replica->provider);
  const std::string& agent = name_of(provider.agent_key);
  if (random_.chance(8)) {
    return Step{agent, to_operation(AssignmentFail{replica->id, FailReason::shutting_down})};
  }
  // What a replica finds is fixed, and mostly the same for all of a task.
  const bool lies = replica->id.bytes[0] < 50;
  const Hash digest = hash_of(lies ? "lie" : "truth");
  const Hash salt = hash_of("salt");
  switch (replica->state) {
    case AssignmentState::assigned:
      return Step{agent, to_operation(AssignmentAccept{replica->id})};
    case AssignmentState::running:
      return Step{agent,
                  to_operation(AssignmentCommit{
                      replica->id, commitment(replica->id, replica->provider, digest, salt)})};
    default:
      return Step{
          agent,
          to_operation(AssignmentReveal{
              replica->id, digest, salt,
              sign_receipt(digest, 1, now_ + seconds(random_.below(4000)), consensus_seed())})};
  }
}

Actors::Step Actors::request() {
  JobTerms terms;
  terms.spec = hash_of("spec");
  terms.runtime = hash_of("debian");
  const auto some = [&] { return static_cast<std::uint32_t>(1 + random_.below(500)); };
  terms.bundle = {some(), some(), some(), 0};
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

std::optional<Actors::Step> Actors::judge() {
  const Task* task = any<Task>();
  if (!task) return std::nullopt;
  const std::string& owner = name_of(state_->get<Job>(task->job)->owner);
  switch (random_.below(4)) {
    case 0:
      return Step{owner, to_operation(ResultAccept{task->job, task->index})};
    case 1:
      return Step{owner, to_operation(JobCancel{task->job})};
    default:
      return Step{owner, to_operation(ResultDispute{task->job, task->index})};
  }
}

OfferTerms Actors::offer_terms() {
  OfferTerms terms;
  terms.runtimes = std::vector{hash_of("debian")};
  const auto some = [&] { return static_cast<std::uint32_t>(1 + random_.below(2000)); };
  terms.capacity = {some(), some(), some(), 0};
  terms.prices.cpu_milli_hour = Amount(random_.below(10));
  terms.prices.start_fee = Amount(random_.below(100));
  terms.lifetime = seconds(1 + random_.below(5000));
  return terms;
}

Actors::Step Actors::supply() {
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
      return {owner,
              to_operation(ProviderUpdate{provider->id, address_of(actor()), address_of(actor())})};
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
        return {name_of(state_->get<Provider>(offer->provider)->owner),
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

}  // namespace bourse::test
