// SPDX-License-Identifier: Apache-2.0
#include "market/invariants.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/id_hash.hpp"

namespace bourse::market {

std::string broken_law(const Globals& globals) {
  if (globals.supply > kAmountMax) return "the supply is 2^63 or more";
  if (globals.burned > globals.supply) return "more was burned than there was";
  return {};
}

std::string broken_law(const Account& account) {
  if (account.balance > kAmountMax) return "a balance is above any supply";
  return {};
}

std::string broken_law(const Provider& provider) {
  const bool armed = provider.timer != TimeMs{};
  if (armed != (provider.unbonding != Amount{})) return "unbonding grains and a timer go together";
  if (provider.retired && provider.bond_free != Amount{}) return "a retired provider keeps a bond";
  return {};
}

std::string broken_law(const Offer& offer) {
  const bool armed = offer.timer != TimeMs{};
  if (armed != (offer.state == OfferState::open)) return "an offer has a timer while it is open";
  if (!fits(offer.free, offer.terms.capacity)) return "an offer has more free than it has";
  return {};
}

std::string broken_law(const Job& job) {
  if ((job.state == JobState::closed) != (job.tasks_open == 0)) {
    return "a job is closed when its last task has ended";
  }
  if (job.state == JobState::closed && job.escrow != Amount{}) return "a closed job holds grains";
  return {};
}

std::string broken_law(const Task& task) {
  const bool timed = task.state == TaskState::queued || task.state == TaskState::review;
  if (timed != (task.timer != TimeMs{})) return "a task has a timer while it waits";
  const bool working = task.state == TaskState::running || task.state == TaskState::revealing;
  if (working != (task.live > 0)) return "a task works while replicas of it do";
  if (has_ended(task.state) && task.dispute_bond != Amount{}) return "an ended task holds grains";
  return {};
}

std::string broken_law(const Assignment& assignment) {
  if (is_working(assignment.state) != (assignment.timer != TimeMs{})) {
    return "an assignment has a timer while its provider works";
  }
  if (has_ended(assignment.state) && assignment.held() != Amount{}) {
    return "an ended assignment holds grains";
  }
  return {};
}

namespace {

template <class Id, class Count>
using CountOf = boost::unordered_flat_map<Id, Count, IdHash>;

/// Sums over the assignments, to be compared with what providers, offers and tasks say.
struct Tally {
  CountOf<OfferId, Bundle> used;
  CountOf<TaskId, std::uint32_t> live;
  CountOf<ProviderId, std::size_t> assignments;
  CountOf<JobId, std::uint32_t> open_tasks;
  CountOf<ProviderId, std::uint32_t> open_offers;
};

Tally tally(const State& state) {
  Tally out;
  const auto& assignments = state.table<Assignment>();
  for (std::uint32_t i = 0; i < assignments.size(); ++i) {
    const Assignment& a = assignments.at(i);
    if (!is_working(a.state)) continue;
    ++out.live[a.task];
    ++out.assignments[a.provider];
    const Job* job = state.get<Job>(a.job);
    if (job) out.used[a.offer] = add(out.used[a.offer], job->terms.bundle);
  }
  const auto& tasks = state.table<Task>();
  for (std::uint32_t i = 0; i < tasks.size(); ++i) {
    if (!has_ended(tasks.at(i).state)) ++out.open_tasks[tasks.at(i).job];
  }
  const auto& offers = state.table<Offer>();
  for (std::uint32_t i = 0; i < offers.size(); ++i) {
    if (offers.at(i).state == OfferState::open) ++out.open_offers[offers.at(i).provider];
  }
  return out;
}

/// What was counted for `id`; most have nothing, and get no entry for it.
template <class Id, class Count>
Count count(const CountOf<Id, Count>& counts, const Id& id) {
  const auto found = counts.find(id);
  return found == counts.end() ? Count{} : found->second;
}

class Auditor {
 public:
  explicit Auditor(const State& state) : state_(state), tally_(tally(state)) {}

  std::vector<std::string> run() {
    std::apply([&](const auto&... tables) { (visit(tables), ...); }, state_.tables);
    if (total_ != state_.globals().supply) {
      report("the money", "adds up to " + std::to_string(total_.value()) + " grains, not to " +
                              std::to_string(state_.globals().supply.value()));
    }
    return std::move(violations_);
  }

 private:
  void report(const std::string& where, const std::string& what) {
    violations_.push_back(where + ": " + what);
  }

  template <class Record>
  void visit(const chain::Table<Record>& table) {
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      const Record& record = table.at(i);
      total_ += held(record);
      check(record, broken_law(record));
      check(record, cross_law(record));
    }
  }

  template <class Record>
  void check(const Record& record, const std::string& broken) {
    if (broken.empty()) return;
    report(std::string(Record::table) + " 0x" + to_hex(record.key().bytes), broken);
  }

  template <class Record>
  std::string cross_law(const Record&) {
    return {};
  }
  std::string cross_law(const Provider& provider) {
    if (count(tally_.assignments, provider.id) != provider.assignments.size()) {
      return "lists other assignments than it has";
    }
    if (count(tally_.open_offers, provider.id) != provider.offers_open)
      return "miscounts its offers";
    return {};
  }
  std::string cross_law(const Offer& offer) {
    if (add(count(tally_.used, offer.id), offer.free) != offer.terms.capacity) {
      return "capacity is not what is free and what is used";
    }
    return {};
  }
  std::string cross_law(const Job& job) {
    return count(tally_.open_tasks, job.id) == job.tasks_open ? "" : "miscounts its open tasks";
  }
  std::string cross_law(const Task& task) {
    return count(tally_.live, task.id) == task.live ? "" : "miscounts its live replicas";
  }

  const State& state_;
  Tally tally_;
  Amount total_;
  std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> audit(const State& state) { return Auditor(state).run(); }

}  // namespace bourse::market
