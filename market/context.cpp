// SPDX-License-Identifier: Apache-2.0
#include "market/context.hpp"

#include <algorithm>
#include <boost/sort/pdqsort/pdqsort.hpp>
#include <concepts>
#include <cstdio>

#include "market/invariants.hpp"

namespace bourse::market {

Context::Context(State& state, Indexes& indexes)
    : state_(state),
      indexes_(indexes),
      writers_(std::apply(
          [](auto&... tables) {
            return PerRecord<chain::TableWriter>{chain::TableWriter(tables)...};
          },
          state.tables)) {}

void Context::pay(const Address& address, Amount amount) {
  if (amount == Amount{}) return;
  if (Account* const account = writer<Account>().find(address)) {
    account->balance += amount;
  } else {
    insert(Account{.address = address, .nonce = {}, .balance = amount});
  }
}

TxResult<> Context::charge(const Address& address, Amount amount) {
  if (amount == Amount{}) return {};
  Account* const account = writer<Account>().find(address);
  if (!account || account->balance < amount) return TxError::balance_too_low;
  account->balance -= amount;
  return {};
}

void Context::burn(Amount amount) {
  if (amount == Amount{}) return;
  edit<Globals>(Globals::key()).burned += amount;
}

template <class Visit>
void Context::for_each_change(Visit&& visit) const {
  const auto visit_table = [&]<class Record>(const chain::TableWriter<Record>& writer) {
    for (const auto& change : writer.changes()) {
      visit(change.before ? &*change.before : nullptr, writer.after(change), change.handle);
    }
  };
  std::apply([&](const auto&... writers) { (visit_table(writers), ...); }, writers_);
}

namespace {

/// Whether a record has come back to what it was, as a provider's does that replaces an offer. The
/// others nearly never do.
template <class Record>
bool is_as_before(const Record* before, const Record& after) {
  if constexpr (std::equality_comparable<Record>) return before && *before == after;
  return false;
}

}  // namespace

bool Context::may_enable_a_match() const {
  // New supply, freed capacity or bond, and new or returning demand.
  return !writer<Offer>().changes().empty() || !writer<Provider>().changes().empty() ||
         !writer<Task>().changes().empty();
}

void Context::accept_match() {
  std::uint64_t before_sum = 0;
  std::uint64_t after_sum = 0;
  for_each_change(
      [&]<class Record>(const Record* before, const Record& after, std::uint32_t handle) {
        if (is_as_before(before, after)) return;
        before_sum += before ? held(*before).value() : 0;
        after_sum += held(after).value();
        const std::string law = broken_law(after);
        if (!law.empty()) std::fprintf(stderr, "broken law: %s\n", law.c_str());
        CHECK(law.empty());
        indexes_.update(before, after, handle);
        std::get<Dirty<Record>>(dirty_).handles.push_back(handle);
      });
  // The sums are taken modulo 2^64, which hides no difference: the supply is below 2^63.
  CHECK(before_sum == after_sum);
  std::apply([](auto&... writers) { (writers.accept(), ...); }, writers_);
  kept_events_.insert(kept_events_.end(), events_.begin(), events_.end());
  events_.clear();
}

void Context::mention_changes(std::uint32_t item) {
  const auto mention = [&](const chain::Subject& subject) { mentions_.push_back({subject, item}); };
  for_each_change([&]<class Record>(const Record*, const Record& after, std::uint32_t) {
    if constexpr (std::is_same_v<Record, Account>) mention(subject_of(after.address));
    if constexpr (std::is_same_v<Record, Job>) mention(subject_of(after.id));
    if constexpr (std::is_same_v<Record, Task> || std::is_same_v<Record, Assignment>) {
      mention(subject_of(after.job));
    }
  });
}

chain::Subject subject_of(const Address& account) {
  return *chain::Subject::from(ByteView(account.bytes).first(chain::Subject::size()));
}

chain::Subject subject_of(const JobId& job) { return chain::Subject{job.bytes}; }

void Context::accept() {
  const bool enables = may_enable_a_match();
  accept_match();
  if (enables && !indexes_.queue.empty() && !globals().match_pending) {
    edit<Globals>(Globals::key()).match_pending = true;
    accept_match();
  }
}

void Context::rollback() {
  std::apply([](auto&... writers) { (writers.rollback(), ...); }, writers_);
  events_.clear();
}

Changes Context::changes() const {
  Changes out;
  const auto add = [&]<class Record>(const Dirty<Record>& dirty) {
    auto& handles = std::get<Changed<Record>>(out).handles;
    handles = dirty.handles;
    // Without branches, which numbers in no order mispredict.
    boost::sort::pdqsort(handles.begin(), handles.end());
    handles.erase(std::unique(handles.begin(), handles.end()), handles.end());
  };
  std::apply([&](const auto&... dirty) { (add(dirty), ...); }, dirty_);
  return out;
}

Event job_event(EventKind kind, const JobId& job) {
  Event event;
  event.kind = kind;
  event.job = job;
  return event;
}

Event task_event(EventKind kind, const Task& task) {
  Event event = job_event(kind, task.job);
  event.task = task.index;
  return event;
}

Event replica_event(const Context& context, EventKind kind, const Assignment& assignment) {
  Event event = task_event(kind, *context.get<Task>(assignment.task));
  event.assignment = assignment.id;
  event.provider = assignment.provider;
  return event;
}

}  // namespace bourse::market
