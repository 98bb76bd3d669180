// SPDX-License-Identifier: Apache-2.0
//
// What a step of execution works on: the tables with undo, the clock, the events so far. A step is
// a transaction, a timer or a match; it either happens whole or leaves no trace.
#pragma once

#include <vector>

#include "chain/lookup.hpp"
#include "market/errors.hpp"
#include "market/event.hpp"
#include "market/indexes.hpp"
#include "market/state.hpp"

namespace bourse::market {

class Context {
 public:
  Context(State& state, Indexes& indexes);

  template <class Record>
  const Record* get(const typename chain::Table<Record>::Key& key) const {
    return writer<Record>().get(key);
  }
  template <class Record>
  const Record& at(std::uint32_t handle) const {
    return state_.table<Record>().at(handle);
  }
  /// The record for writing. A pointer from get() may show the record as it was before.
  template <class Record>
  Record& edit(const typename chain::Table<Record>::Key& key) {
    return writer<Record>().edit(key);
  }
  template <class Record>
  void insert(Record record) {
    writer<Record>().insert(std::move(record));
  }

  const Globals& globals() const { return state_.globals(); }
  const Params& params() const { return globals().params; }
  TimeMs clock() const { return state_.clock(); }
  /// Time of the block, for what ends by the calendar and not by the running clock.
  TimeMs block_time() const { return state_.time; }
  Height height() const { return state_.height; }
  const Indexes& indexes() const { return indexes_; }

  void emit(Event event) { events_.push_back(std::move(event)); }

  /// Adds to the account's balance, opening it when it is new.
  void pay(const Address& address, Amount amount);
  /// Error: balance_too_low.
  TxResult<> charge(const Address& address, Amount amount);
  /// Takes grains out of the world for good.
  void burn(Amount amount);

  /// Notes for the history of the accounts and jobs that the step has changed so far that item
  /// number `item` of the block concerns them.
  void mention_changes(std::uint32_t item);
  std::vector<chain::Mention> take_mentions() { return std::move(mentions_); }

  /// Ends the step: checks the invariants over what it changed, and keeps it.
  void accept();
  /// The same for a step of the matcher, which by itself gives the matcher nothing new to do.
  void accept_match();
  /// Ends the step as if it had not been.
  void rollback();

  /// What the block has changed so far.
  Changes changes() const;

  std::vector<Event> take_events() { return std::move(kept_events_); }

 private:
  template <class Record>
  const chain::TableWriter<Record>& writer() const {
    return std::get<chain::TableWriter<Record>>(writers_);
  }
  template <class Record>
  chain::TableWriter<Record>& writer() {
    return std::get<chain::TableWriter<Record>>(writers_);
  }
  template <class Visit>
  void for_each_change(Visit&& visit) const;
  bool may_enable_a_match() const;

  /// Handles of the records that the block has changed so far, with repetitions.
  template <class Record>
  struct Dirty {
    std::vector<std::uint32_t> handles;
  };

  State& state_;
  Indexes& indexes_;
  PerRecord<chain::TableWriter> writers_;
  PerRecord<Dirty> dirty_;
  std::vector<Event> events_;
  std::vector<Event> kept_events_;
  std::vector<chain::Mention> mentions_;
};

/// Events of a job, a task and a replica, with what identifies them filled in.
Event job_event(EventKind kind, const JobId& job);
Event task_event(EventKind kind, const Task& task);
Event replica_event(const Context& context, EventKind kind, const Assignment& assignment);

/// Under which an account or a job has its history. SPEC 4.2.
chain::Subject subject_of(const Address& account);
chain::Subject subject_of(const JobId& job);

}  // namespace bourse::market
