// SPDX-License-Identifier: Apache-2.0
#include "market/matcher.hpp"

#include <algorithm>
#include <map>

#include "base/crypto.hpp"

namespace bourse::market {
namespace {

template <class List, class Value>
bool contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

constexpr Amount kBeyondAnySupply{UINT64_MAX};

/// Each fault adds to what a provider seems to cost; the penalty is at most four times the price.
Amount score_of(const Provider& provider, Amount price) {
  const auto capped = [](std::uint64_t count) { return std::min<std::uint64_t>(count, 100); };
  const std::uint64_t permille =
      10 * capped(provider.failed) + 50 * capped(provider.late) + 500 * capped(provider.lied);
  return price.scaled_or(1000 + std::min<std::uint64_t>(permille, 4000), 1000, kBeyondAnySupply);
}

Mismatch provider_mismatch(const Provider& provider, const Params& params, const JobTerms& terms,
                           Amount bond, const std::set<Address>& drawn) {
  if (provider.retired) return Mismatch::provider_retired;
  if (provider.assignments.size() >= params.assignments_per_provider_max) {
    return Mismatch::provider_full;
  }
  if (provider.bond_free < bond) return Mismatch::bond;
  if (!terms.regions.empty() && !contains(terms.regions, provider.region)) return Mismatch::region;
  if (!terms.allowed.empty() && !contains(terms.allowed, provider.id)) return Mismatch::not_allowed;
  if (contains(terms.excluded, provider.id)) return Mismatch::excluded;
  if (provider.done < terms.done_min) return Mismatch::record;
  if (drawn.contains(provider.owner)) return Mismatch::already_drawn;
  return Mismatch::none;
}

QueueEntry cursor_of(const Globals& globals) {
  return {globals.cursor_arrival, globals.cursor_order, globals.cursor_task};
}

void set_cursor(Context& context, const QueueEntry& entry, bool pending) {
  const Globals& now = context.globals();
  if (cursor_of(now) == entry && now.match_pending == pending) return;
  Globals& globals = context.edit<Globals>(Globals::key());
  globals.cursor_arrival = entry.arrival;
  globals.cursor_order = entry.order;
  globals.cursor_task = entry.task;
  globals.match_pending = pending;
  context.accept_match();
}

/// Gives the tasks that arrived in the previous block their place among each other: the first
/// eight bytes of a hash over a root that nobody knew when they were submitted.
void order_arrivals(Context& context, const std::function<Hash()>& seed) {
  const Height previous = context.height() - Height(1);
  std::vector<TaskId> arrivals;
  const auto& queue = context.indexes().queue;
  for (auto entry = queue.lower_bound({previous, 0, {}});
       entry != queue.end() && entry->arrival == previous && entry->order == 0; ++entry) {
    arrivals.push_back(entry->task);
  }
  if (arrivals.empty()) return;
  const Hash root = seed();
  for (const TaskId& id : arrivals) {
    const Hash place = tagged_hash("bourse/order", {root.bytes, id.bytes});
    std::uint64_t order = 0;
    for (int i = 0; i < 8; ++i) order = order << 8 | place.bytes[static_cast<std::size_t>(i)];
    context.edit<Task>(id).order = std::max<std::uint64_t>(order, 1);
  }
  context.accept_match();
}

void assign(Context& context, const TaskId& id, const std::vector<Choice>& choices) {
  for (const Choice& choice : choices) {
    Task& task = context.edit<Task>(id);
    Job& job = context.edit<Job>(task.job);
    Offer& offer = context.edit<Offer>(choice.offer);
    Provider& provider = context.edit<Provider>(offer.provider);
    Assignment assignment;
    assignment.id = assignment_id(id, task.attempts++);
    assignment.task = id;
    assignment.job = task.job;
    assignment.provider = provider.id;
    assignment.offer = offer.id;
    assignment.price = assignment.escrow = choice.evaluation.price;
    assignment.start_fee = offer.terms.prices.start_fee;
    assignment.bond = choice.evaluation.bond;
    assignment.matched = context.clock();
    assignment.timer = context.clock() + context.params().accept_within;
    job.escrow -= assignment.escrow;
    provider.bond_free -= assignment.bond;
    provider.assignments.push_back(assignment.id);
    offer.free = subtract(offer.free, job.terms.bundle);
    ++task.live;
    Event event = replica_event(context, EventKind::matched, assignment);
    event.amount = assignment.price;
    context.emit(event);
    context.insert(assignment);
  }
  Task& task = context.edit<Task>(id);
  task.state = TaskState::running;
  task.wanted = 0;
  task.timer = {};
  context.accept_match();
}

}  // namespace

Evaluation evaluate(const State& state, const Job& job, const Offer& offer,
                    const std::set<Address>& drawn) {
  const JobTerms& terms = job.terms;
  const Params& params = state.globals().params;
  Evaluation out;
  const auto mismatch = [&](Mismatch why) {
    out.mismatch = why;
    return out;
  };
  if (offer.state != OfferState::open) return mismatch(Mismatch::offer_closed);
  if (offer.terms.arch != terms.arch || *offer.terms.gpu_model != terms.gpu_model) {
    return mismatch(Mismatch::other_class);
  }
  if (offer.is_bid() && *offer.job != job.id) return mismatch(Mismatch::bid_for_another_job);
  if (!contains(*offer.terms.runtimes, terms.runtime)) return mismatch(Mismatch::runtime);
  if (!fits(terms.bundle, offer.free)) return mismatch(Mismatch::capacity);
  const auto price = cost(offer.terms.prices, terms.bundle, terms.run_seconds);
  if (!price || *price > terms.price_max) return mismatch(Mismatch::price);
  const Provider& provider = *state.get<Provider>(offer.provider);
  out.price = *price;
  out.bond = price->scaled_or(params.bond_permille, 1000, kBeyondAnySupply);
  out.mismatch = provider_mismatch(provider, params, terms, out.bond, drawn);
  out.score = score_of(provider, out.price);
  return out;
}

std::vector<Choice> choose(const State& state, const Job& job, const OfferSet& offers,
                           std::uint32_t wanted, const std::set<Address>& drawn) {
  using Rank = std::pair<Amount, std::uint32_t>;  // score, then age
  std::map<Address, std::pair<Rank, Choice>> best_of_owner;
  for (const std::uint32_t handle : offers) {
    const Offer& offer = state.table<Offer>().at(handle);
    const Evaluation evaluation = evaluate(state, job, offer, drawn);
    if (evaluation.mismatch != Mismatch::none) continue;
    const Rank rank{evaluation.score, handle};
    const Address& owner = state.get<Provider>(offer.provider)->owner;
    const auto [place, is_new] =
        best_of_owner.try_emplace(owner, rank, Choice{offer.id, evaluation});
    if (!is_new && rank < place->second.first) place->second = {rank, Choice{offer.id, evaluation}};
  }
  if (best_of_owner.size() < wanted) return {};
  std::vector<std::pair<Rank, Choice>> ranked;
  for (const auto& [owner, entry] : best_of_owner) ranked.push_back(entry);
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Choice> out;
  for (std::uint32_t i = 0; i < wanted; ++i) out.push_back(ranked[i].second);
  return out;
}

std::set<Address> drawn_owners(const State& state, const Task& task) {
  std::set<Address> owners;
  for (std::uint32_t i = 0; i < task.attempts; ++i) {
    const Assignment* replica = state.get<Assignment>(assignment_id(task.id, i));
    owners.insert(state.get<Provider>(replica->provider)->owner);
  }
  return owners;
}

void match(Context& context, const State& state, const std::function<Hash()>& seed) {
  order_arrivals(context, seed);
  const QueueEntry start = cursor_of(context.globals());
  const bool resuming = start != QueueEntry{};
  if (!resuming && !context.globals().match_pending) return;
  // A resumed pass has missed what changed since it began, so the pass that is owed stays owed.
  const bool owed = resuming && context.globals().match_pending;
  static const OfferSet no_offers;
  std::uint64_t budget = context.params().match_evaluations_max;
  bool newcomers = false;
  auto entry = context.indexes().queue.lower_bound(start);
  while (entry != context.indexes().queue.end()) {
    const QueueEntry current = *entry;
    if (current.arrival >= context.height()) {
      newcomers = true;
      break;
    }
    const Task& task = *context.get<Task>(current.task);
    const Job& job = *context.get<Job>(task.job);
    const auto offers = context.indexes().book.find({job.terms.arch, job.terms.gpu_model});
    const auto& candidates = offers == context.indexes().book.end() ? no_offers : offers->second;
    const std::uint64_t work = 1 + candidates.size();
    if (work > budget && budget != context.params().match_evaluations_max) {
      return set_cursor(context, current, owed);
    }
    budget -= std::min(budget, work);
    const auto choices = choose(state, job, candidates, task.wanted, drawn_owners(state, task));
    if (!choices.empty()) assign(context, task.id, choices);
    entry = context.indexes().queue.upper_bound(current);
  }
  set_cursor(context, QueueEntry{}, owed || newcomers);
}

}  // namespace bourse::market
