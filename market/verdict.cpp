// SPDX-License-Identifier: Apache-2.0
#include "market/verdict.hpp"

#include <algorithm>
#include <map>

#include "market/replica.hpp"

namespace bourse::market {
namespace {

/// Calls visit(assignment) for every assignment ever drawn for the task, oldest first.
template <class Visit>
void for_each_replica(const Context& context, const TaskId& id, Visit&& visit) {
  const std::uint32_t attempts = context.get<Task>(id)->attempts;
  for (std::uint32_t i = 0; i < attempts; ++i) {
    visit(*context.get<Assignment>(assignment_id(id, i)));
  }
}

struct Votes {
  Hash leader;
  std::uint32_t top = 0;
  std::uint32_t total = 0;
  std::uint32_t lead() const { return 2 * top > total ? 2 * top - total : 0; }
};

Votes count_votes(const Context& context, const TaskId& id) {
  std::map<Hash, std::uint32_t> counts;
  Votes votes;
  for_each_replica(context, id, [&](const Assignment& replica) {
    if (replica.state != AssignmentState::revealed) return;
    ++votes.total;
    const std::uint32_t count = ++counts[replica.digest];
    // Among equals the first to be drawn leads; a result with a lead has no equal.
    if (count > votes.top) {
      votes.top = count;
      votes.leader = replica.digest;
    }
  });
  return votes;
}

void close_job_if_done(Context& context, const JobId& id) {
  Job& job = context.edit<Job>(id);
  if (job.tasks_open > 0) return;
  job.state = JobState::closed;
  const Amount refund = job.escrow;
  job.escrow = {};
  const Address owner = job.owner;
  Event closed = job_event(EventKind::job_closed, id);
  closed.account = owner;
  closed.amount = refund;
  context.emit(closed);
  context.pay(owner, refund);
}

/// `task` must hold no dispute bond any more.
void end_task(Context& context, const TaskId& id, TaskState state) {
  Task& task = context.edit<Task>(id);
  task.state = state;
  task.timer = {};
  task.wanted = 0;
  Job& job = context.edit<Job>(task.job);
  --job.tasks_open;
  if (state == TaskState::accepted) ++job.tasks_accepted;
  close_job_if_done(context, task.job);
}

void burn_for(Context& context, const Task& task, Amount amount) {
  if (amount == Amount{}) return;
  Event burned = task_event(EventKind::burned, task);
  burned.amount = amount;
  context.emit(burned);
  context.burn(amount);
}

/// No result leads and none will: each revealed replica gets its part, nobody is slashed, and the
/// bond of a dispute is burned, for a job that is not reproducible is no way to free compute.
void end_without_result(Context& context, const TaskId& id) {
  std::vector<AssignmentId> revealed;
  for_each_replica(context, id, [&](const Assignment& replica) {
    if (replica.state == AssignmentState::revealed) revealed.push_back(replica.id);
  });
  const auto state = revealed.empty() ? TaskState::unserved : TaskState::inconclusive;
  context.emit(task_event(revealed.empty() ? EventKind::unserved : EventKind::inconclusive,
                          *context.get<Task>(id)));
  for (const AssignmentId& replica : revealed) {
    const Amount part = context.get<Assignment>(replica)->price.scaled(
        context.params().inconclusive_permille, 1000);
    pay_replica(context, replica, AssignmentState::inconclusive, part);
  }
  Task& task = context.edit<Task>(id);
  const Amount bond = task.dispute_bond;
  task.dispute_bond = {};
  burn_for(context, task, bond);
  end_task(context, id, state);
}

void open_review(Context& context, const TaskId& id, const Hash& leader, DurationMs window) {
  Task& task = context.edit<Task>(id);
  task.state = TaskState::review;
  task.digest = leader;
  task.timer = context.clock() + window;
  Event event = task_event(EventKind::review_opened, task);
  event.digest = leader;
  context.emit(event);
}

void draw_more(Context& context, const TaskId& id, std::uint32_t wanted) {
  Task& task = context.edit<Task>(id);
  task.state = TaskState::queued;
  task.wanted = wanted;
  task.timer = task.draws_end;
  context.emit(task_event(EventKind::task_queued, task));
}

void open_reveals(Context& context, const TaskId& id) {
  std::vector<AssignmentId> committed;
  for_each_replica(context, id, [&](const Assignment& replica) {
    if (replica.state == AssignmentState::committed) committed.push_back(replica.id);
  });
  Task& task = context.edit<Task>(id);
  if (task.state == TaskState::revealing || committed.size() != task.live) return;
  task.state = TaskState::revealing;
  context.emit(task_event(EventKind::reveal_opened, task));
  for (const AssignmentId& replica : committed) {
    context.edit<Assignment>(replica).timer = context.clock() + context.params().reveal_within;
  }
}

}  // namespace

void replica_moved(Context& context, const TaskId& id) {
  if (context.get<Task>(id)->live > 0) {
    open_reveals(context, id);
  } else {
    decide(context, id);
  }
}

void decide(Context& context, const TaskId& id) {
  const Task task = *context.get<Task>(id);
  const JobTerms& terms = context.get<Job>(task.job)->terms;
  const Votes votes = count_votes(context, id);
  // A dispute asks for a second opinion, so one result is not enough any more.
  const std::uint32_t margin = task.disputed ? std::max(terms.margin, 2U) : terms.margin;
  if (votes.lead() >= margin) {
    if (margin == 1 && terms.review != DurationMs{}) {
      return open_review(context, id, votes.leader, terms.review);
    }
    return accept_result(context, id);
  }
  const std::uint32_t missing = margin - votes.lead();
  const bool in_time = context.clock() < task.draws_end;
  const bool allowed =
      votes.total + missing <= terms.replicas_max &&
      task.attempts + missing <= terms.replicas_max + context.params().attempts_extra;
  if (in_time && allowed) return draw_more(context, id, missing);
  end_without_result(context, id);
}

Amount price_of_result(const Context& context, const TaskId& id) {
  const Hash digest = context.get<Task>(id)->digest;
  std::optional<Amount> price;
  for_each_replica(context, id, [&](const Assignment& replica) {
    const bool revealed = replica.state == AssignmentState::revealed && replica.digest == digest;
    if (revealed && !price) price = replica.price;
  });
  return price.value_or(Amount{});
}

void accept_result(Context& context, const TaskId& id) {
  const Task task = *context.get<Task>(id);
  const Hash result = count_votes(context, id).leader;
  const bool overturned = task.disputed && task.digest != result;
  std::vector<AssignmentId> winners;
  std::vector<AssignmentId> losers;
  const Amount accused_price = price_of_result(context, id);
  for_each_replica(context, id, [&](const Assignment& replica) {
    if (replica.state != AssignmentState::revealed) return;
    (replica.digest == result ? winners : losers).push_back(replica.id);
  });
  Event accepted = task_event(EventKind::accepted, task);
  accepted.digest = result;
  context.emit(accepted);
  Amount paid;
  for (const AssignmentId& winner : winners) {
    const Amount price = context.get<Assignment>(winner)->price;
    pay_replica(context, winner, AssignmentState::accepted, price);
    ++context.edit<Provider>(context.get<Assignment>(winner)->provider).done;
    paid += price;
  }
  Amount taken;
  for (const AssignmentId& loser : losers) {
    context.emit(replica_event(context, EventKind::outvoted, *context.get<Assignment>(loser)));
    taken += slash_replica(context, loser, AssignmentState::outvoted, 1000);
    ++context.edit<Provider>(context.get<Assignment>(loser)->provider).lied;
  }
  // A requester whose dispute was right pays for one replica; the liar's bond pays the others. The
  // rest is burned: nobody gains by making another lose.
  if (overturned && paid > accused_price) {
    const Amount damages = std::min(taken, paid - accused_price);
    context.edit<Job>(task.job).escrow += damages;
    taken -= damages;
  }
  burn_for(context, task, taken);
  Task& settled = context.edit<Task>(id);
  settled.digest = result;
  settled.dispute_bond = {};
  if (overturned) {
    context.edit<Job>(task.job).escrow += task.dispute_bond;
  } else {
    burn_for(context, task, task.dispute_bond);
  }
  end_task(context, id, TaskState::accepted);
}

void end_search(Context& context, const TaskId& id) { end_without_result(context, id); }

bool is_cancellable(const Context& context, const Task& task) {
  if (task.state != TaskState::queued && task.state != TaskState::running) return false;
  bool committed = false;
  for_each_replica(context, task.id, [&](const Assignment& replica) {
    committed = committed || replica.state == AssignmentState::committed ||
                replica.state == AssignmentState::revealed;
  });
  return !committed;
}

void cancel_task(Context& context, const TaskId& id) {
  const Task task = *context.get<Task>(id);
  const std::uint32_t run_seconds = context.get<Job>(task.job)->terms.run_seconds;
  std::vector<AssignmentId> working;
  for_each_replica(context, id, [&](const Assignment& replica) {
    if (is_working(replica.state)) working.push_back(replica.id);
  });
  context.emit(task_event(EventKind::cancelled, task));
  for (const AssignmentId& replica : working) {
    const Amount due =
        pay_for_elapsed(*context.get<Assignment>(replica), run_seconds, context.clock());
    pay_replica(context, replica, AssignmentState::cancelled, due);
  }
  end_task(context, id, TaskState::cancelled);
}

}  // namespace bourse::market
