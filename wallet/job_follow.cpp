// SPDX-License-Identifier: Apache-2.0
#include "wallet/job_follow.hpp"

#include <csignal>
#include <thread>

#include "market/record/job.hpp"
#include "market/tx_types.hpp"
#include "wallet/save_outputs.hpp"

namespace bourse::wallet {
namespace {

using market::EventKind;
using market::TaskState;

constexpr std::chrono::milliseconds kPollPause{200};
constexpr std::chrono::seconds kAwayMax{60};
/// An accepted result that cannot be fetched now is asked for so many times.
constexpr std::uint32_t kFetchesMax = 25;

volatile std::sig_atomic_t interrupted = 0;

/// Notes the first Ctrl-C while it lives; a second one ends the program as usual.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &before_);
  }
  ~InterruptGuard() { ::sigaction(SIGINT, &before_, nullptr); }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction before_ {};
};

bool is_away(const Error& error) {
  return error.kind == "node_unreachable" || error.kind == "engine_not_running";
}

}  // namespace

JobFollower::JobFollower(NodeLink& link, const Signer& signer, const JobId& job,
                         std::filesystem::path out, Callbacks callbacks)
    : link_(link),
      signer_(signer),
      job_(job),
      out_(std::move(out)),
      callbacks_(std::move(callbacks)) {}

Result<JobReport> JobFollower::run(std::optional<std::chrono::seconds> timeout) {
  using Clock = std::chrono::steady_clock;
  const InterruptGuard guard;
  TRY(check_owner());
  const auto start = Clock::now();
  auto last_seen = start;
  while (true) {
    auto events = poll();
    if (events) {
      if (const auto settled = settle_due(); !settled) events = settled.error();
    }
    if (events) {
      last_seen = Clock::now();
      if (closed_ && due_.empty()) return report();
    } else if (!is_away(events.error()) || Clock::now() - last_seen > kAwayMax) {
      return events.error();
    }
    callbacks_.tick();
    if (interrupted != 0) return Error{"interrupted", "no longer waiting; the job goes on"};
    if (timeout && Clock::now() - start > *timeout) {
      return Error{"timeout", "the job has not ended in time; it goes on"};
    }
    if (!events || *events == 0) std::this_thread::sleep_for(kPollPause);
  }
}

Result<void> JobFollower::check_owner() {
  TRY_ASSIGN(const Json reply,
             link_.client().call("job_get", {{"job", to_json(job_, link_.style())}}));
  TRY_ASSIGN(const auto job, member<market::Job>(reply, "job", link_.style()));
  if (job.owner == signer_.address) return {};
  return Error{"wrong_account", "the job is another account's; choose with --wallet and --account"};
}

/// How many events came.
Result<std::size_t> JobFollower::poll() {
  const JsonStyle style = link_.style();
  Json params{{"job", to_json(job_, style)}};
  if (next_height_) params["from_height"] = to_json(*next_height_, style);
  TRY_ASSIGN(const Json reply, link_.client().call("job_getEvents", params));
  TRY_ASSIGN(const auto events, member<std::vector<rpc::EventView>>(reply, "events", style));
  TRY_ASSIGN(next_height_, member<Height>(reply, "next_height", style));
  for (const rpc::EventView& event : events) take(event);
  return events.size();
}

void JobFollower::take(const rpc::EventView& view) {
  callbacks_.event(view);
  const market::Event& event = view.event;
  const std::uint32_t task = event.task.value_or(0);
  switch (event.kind) {
    case EventKind::review_opened:
    case EventKind::accepted:
      if (!ends_.contains(task)) due_.insert(task);
      break;
    case EventKind::inconclusive:
      ends_[task] = {task, TaskState::inconclusive, {}, {}, {}};
      break;
    case EventKind::unserved:
      ends_[task] = {task, TaskState::unserved, {}, {}, {}};
      break;
    case EventKind::cancelled:
      ends_[task] = {task, TaskState::cancelled, {}, {}, {}};
      break;
    case EventKind::paid:
      paid_.push_back({task, event.provider.value_or(ProviderId{}),
                       event.account.value_or(Address{}), event.amount.value_or(Amount{})});
      break;
    case EventKind::job_closed:
      refund_ = event.amount.value_or(Amount{});
      closed_ = true;
      break;
    default:
      break;
  }
}

Result<void> JobFollower::settle_due() {
  const std::set<std::uint32_t> due = due_;
  for (const std::uint32_t task : due) {
    if (interrupted != 0) return {};
    TRY_ASSIGN(const bool done, settle(task));
    if (done) due_.erase(task);
    callbacks_.tick();
  }
  return {};
}

Result<bool> JobFollower::settle(std::uint32_t index) {
  TRY_ASSIGN(const TaskView view, get_task(link_, job_, index));
  const TaskState state = view.task.state;
  if (state != TaskState::review && state != TaskState::accepted) return true;
  const auto bundle = fetch_result(link_, signer_.key, view);
  if (!bundle && is_away(bundle.error())) return bundle.error();
  return state == TaskState::review ? decide(view, bundle) : keep(view, bundle);
}

Result<bool> JobFollower::decide(const TaskView& view, const Result<market::ResultBundle>& bundle) {
  const std::string name = "task " + std::to_string(view.task.index);
  if (!bundle && !shows_bad_result(bundle.error().kind)) return false;
  if (bundle) {
    const market::ResultAccept accept{job_, view.task.index};
    const auto sent = link_.execute(signer_.key, {market::to_operation(accept)});
    if (sent) return keep(view, bundle);
    // The window may have ended meanwhile; the task's next event tells.
    callbacks_.note(name + " could not be accepted: " + sent.error().message);
    return true;
  }
  callbacks_.note(name + ": " + bundle.error().message + "; disputing it");
  const market::ResultDispute dispute{job_, view.task.index};
  if (const auto sent = link_.execute(signer_.key, {market::to_operation(dispute)}); !sent) {
    callbacks_.note(name + " could not be disputed: " + sent.error().message);
  }
  return true;
}

Result<bool> JobFollower::keep(const TaskView& view, const Result<market::ResultBundle>& bundle) {
  const std::uint32_t index = view.task.index;
  if (!bundle) {
    if (!shows_bad_result(bundle.error().kind) && ++failures_[index] < kFetchesMax) return false;
    callbacks_.note("task " + std::to_string(index) +
                    " was accepted, but cannot be fetched: " + bundle.error().message);
    ends_[index] = {index, TaskState::accepted, view.task.digest, {}, {}};
    return true;
  }
  TRY(save_task_outputs(out_, index, *bundle));
  ends_[index] = {index, TaskState::accepted, view.task.digest, bundle->ended, bundle->exit_code};
  return true;
}

JobReport JobFollower::report() const {
  JobReport out;
  out.job = job_;
  for (const auto& [index, end] : ends_) out.tasks.push_back(end);
  out.paid = paid_;
  out.refund = refund_;
  return out;
}

}  // namespace bourse::wallet
