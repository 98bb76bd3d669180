// SPDX-License-Identifier: Apache-2.0
#include "provider/agent.hpp"

#include <spdlog/spdlog.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/tx_types.hpp"
#include "provider/job_run.hpp"
#include "provider/runtime.hpp"
#include "rpc/json_rpc.hpp"

namespace bourse::provider {
namespace {

using market::AssignmentState;
using market::TaskState;

/// How long the agent relies on news of blocks before it asks by itself.
constexpr std::chrono::milliseconds kPollInterval{2000};
/// How long it waits before it tries again what failed.
constexpr std::chrono::milliseconds kRetryPause{1000};

std::string short_id(const AssignmentId& id) { return to_hex(ByteView(id.bytes).first(4)); }

/// Failures of the node or of the network, as opposed to those of this job. A transaction that lost
/// a race for its nonce or was never included is simply built anew.
bool passes_with_time(const Error& error) {
  for (const std::string_view kind : {"tx_expired", "nonce_gap", "nonce_too_low", "tx_not_found"}) {
    if (error.kind == kind) return true;
  }
  return rpc::passes_with_time(error.kind);
}

market::FailReason reason_of(const Error& error) {
  using market::FailReason;
  if (error.kind == "spec_invalid") return FailReason::spec_unreadable;
  if (error.kind == "runtime_not_found") return FailReason::runtime_missing;
  if (error.kind == "run_cancelled") return FailReason::shutting_down;
  if (error.kind.starts_with("blob_quota") || error.kind == "balance_too_low") {
    return FailReason::storage_refused;
  }
  if (error.kind.starts_with("blob_") || error.kind == "not_your_blob" ||
      error.kind == "input_mismatch") {
    return FailReason::input_unavailable;
  }
  return FailReason::sandbox_failed;
}

}  // namespace

/// One assignment in work: its thread, and what a later step needs of an earlier one.
struct Agent::Worker {
  std::optional<market::StorageReceipt> receipt;
  bool done = false;
  std::jthread thread;
};

Agent::Agent(AgentConfig config, Sandbox sandbox, FinishedRuns finished)
    : config_(std::move(config)), sandbox_(std::move(sandbox)), finished_(std::move(finished)) {}

Agent::~Agent() = default;

Result<void> Agent::run(std::stop_token stop) {
  sandbox_.sweep_stale();
  const std::stop_callback wake(stop, [this] { changed_.notify_all(); });
  while (!stop.stop_requested()) {
    Result<void> result = link_ ? Result<void>() : connect();
    if (result) result = refresh();
    if (!result) {
      if (!passes_with_time(result.error())) return result.error();
      spdlog::warn("{}; trying again", result.error().message);
      news_.reset();
    }
    reap();
    wait_for_news(stop);
  }
  std::map<AssignmentId, std::unique_ptr<Worker>> leaving;
  {
    const std::scoped_lock lock(mutex_);
    leaving.swap(workers_);
  }
  for (auto& [id, worker] : leaving) worker->thread.request_stop();
  leaving.clear();  // joins
  return {};
}

Result<void> Agent::connect() {
  const std::scoped_lock lock(link_mutex_);
  TRY_ASSIGN(auto link, wallet::NodeLink::open(config_.node));
  TRY_ASSIGN(const Address key, public_key(config_.key));
  if (config_.provider) {
    provider_ = *config_.provider;
  } else {
    TRY_ASSIGN(const Json page,
               link.client().call("provider_list", {{"agent_key", to_json(key, link.style())}}));
    const Json& items = page["items"];
    if (!items.is_array() || items.empty()) {
      return Error{"provider_not_found",
                   "no provider has this agent key, " + address_text(key, link.style().network) +
                       "; its owner registers it with `bourse provider register`"};
    }
    TRY_ASSIGN(provider_, wallet::member<ProviderId>(items[0], "id", link.style()));
  }
  spdlog::info("provider 0x{}, agent {}", to_hex(provider_.bytes),
               address_text(key, link.style().network));
  link_ = std::move(link);
  return {};
}

/// Asks the chain for the live assignments, starts workers for new ones and stops those whose
/// assignment has ended.
Result<void> Agent::refresh() {
  Json reply;
  JsonStyle style;
  {
    const std::scoped_lock lock(link_mutex_);
    TRY_ASSIGN(reply, link_->client().call("provider_get", {{"provider", to_json(provider_, {})}}));
    style = link_->style();
  }
  TRY_ASSIGN(const auto live, wallet::member<std::vector<Work>>(reply, "work", style));
  const std::scoped_lock lock(mutex_);
  work_.clear();
  for (const Work& work : live) {
    const AssignmentId id = work.assignment.id;
    work_[id] = work;
    if (workers_.contains(id)) continue;
    workers_[id] = std::make_unique<Worker>();
    Worker& worker = *workers_[id];
    worker.thread =
        std::jthread([this, id, &worker](std::stop_token stop) { work_on(id, worker, stop); });
  }
  for (auto& [id, worker] : workers_) {
    if (!work_.contains(id)) worker->thread.request_stop();
  }
  for (const AssignmentId& id : finished_.list()) {
    if (!work_.contains(id) && !workers_.contains(id)) finished_.forget(id);
  }
  changed_.notify_all();
  return {};
}

void Agent::reap() {
  std::vector<std::unique_ptr<Worker>> gone;
  const std::scoped_lock lock(mutex_);
  for (auto entry = workers_.begin(); entry != workers_.end();) {
    if (entry->second->done) {
      gone.push_back(std::move(entry->second));
      entry = workers_.erase(entry);
    } else {
      ++entry;
    }
  }
}

/// Returns at the next block, or after a while without one.
void Agent::wait_for_news(std::stop_token stop) {
  if (!news_) {
    auto opened = rpc::Subscription::open(config_.node, "blocks", Json::object());
    if (opened) news_ = std::move(*opened);
  }
  const auto deadline = std::chrono::steady_clock::now() + (news_ ? kPollInterval : kRetryPause);
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < deadline) {
    if (!news_) {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, stop, deadline, [] { return false; });
      return;
    }
    const auto block = news_->next(std::chrono::milliseconds(200));
    if (!block) return news_.reset();
    if (!*block) continue;
    // A burst of blocks is one piece of news.
    while (true) {
      const auto more = news_->next(std::chrono::milliseconds(0));
      if (!more || !*more) return;
    }
  }
}

std::optional<Work> Agent::current(const AssignmentId& id) {
  const std::scoped_lock lock(mutex_);
  const auto found = work_.find(id);
  if (found == work_.end()) return std::nullopt;
  return found->second;
}

/// The life of a worker: one step per state that the chain shows, until the assignment is over.
void Agent::work_on(const AssignmentId& id, Worker& worker, std::stop_token stop) {
  while (const auto work = current(id)) {
    if (stop.stop_requested()) {
      if (work->assignment.state < AssignmentState::committed) {
        (void)give_back(*work, market::FailReason::shutting_down);
      }
      break;
    }
    const Result<void> result = advance(*work, worker, stop);
    if (!result && !stop.stop_requested()) {
      spdlog::warn("{}: {} ({})", short_id(id), result.error().message, result.error().kind);
    }
    // Wait for the chain to show the step's effect, or try again what failed.
    const auto deadline =
        std::chrono::steady_clock::now() + (result ? std::chrono::minutes(10) : kRetryPause);
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, deadline, [&] {
      const auto now = work_.find(id);
      return now == work_.end() || now->second.assignment.state != work->assignment.state ||
             now->second.task.state != work->task.state;
    });
  }
  const std::scoped_lock lock(mutex_);
  worker.done = true;
}

Result<void> Agent::advance(const Work& work, Worker& worker, std::stop_token stop) {
  switch (work.assignment.state) {
    case AssignmentState::assigned:
      return accept(work);
    case AssignmentState::running:
      return run_and_commit(work, worker, stop);
    case AssignmentState::committed:
      return work.task.state == TaskState::revealing ? reveal(work, worker) : Result<void>();
    default:
      return {};
  }
}

Result<void> Agent::send(chain::Operation operation) {
  const std::scoped_lock lock(link_mutex_);
  TRY(link_->execute(config_.key, {std::move(operation)}));
  return {};
}

Result<void> Agent::give_back(const Work& work, market::FailReason reason) {
  spdlog::warn("{}: giving it back: {}", short_id(work.assignment.id), enum_name(reason));
  return send(market::to_operation(market::AssignmentFail{work.assignment.id, reason}));
}

Result<void> Agent::accept(const Work& work) {
  if (!find_runtime(config_.home, work.terms.runtime)) {
    return give_back(work, market::FailReason::runtime_missing);
  }
  spdlog::info("{}: matched for {} grains, accepting", short_id(work.assignment.id),
               work.assignment.price.value());
  return send(market::to_operation(market::AssignmentAccept{work.assignment.id}));
}

Result<Bytes> Agent::fetch(const Work& work, const Hash& hash, std::uint64_t max_bytes,
                           std::stop_token stop) {
  while (true) {
    Result<Bytes> blob = [&] {
      const std::scoped_lock lock(link_mutex_);
      return link_->get_blob(config_.key, hash, work.assignment.job, max_bytes);
    }();
    if (blob || !passes_with_time(blob.error())) return blob;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kRetryPause, [] { return false; });
    if (stop.stop_requested()) return Error{"run_cancelled", "the agent is stopping"};
  }
}

Result<void> Agent::run_and_commit(const Work& work, Worker& worker, std::stop_token stop) {
  const AssignmentId& id = work.assignment.id;
  Result<FinishedRun> finished = finished_.load(id);
  if (!finished) {
    if (finished.error().kind != "run_not_finished") return finished.error();
    spdlog::info("{}: running task {}", short_id(id), work.task.index);
    const JobRun run{id, work.terms, work.task.index,
                     runtime_rootfs(config_.home, work.terms.runtime),
                     config_.home / "runs" / to_hex(id.bytes)};
    const auto bundle = run_job(
        run, sandbox_,
        [&](const Hash& hash, std::uint64_t max) { return fetch(work, hash, max, stop); }, stop);
    if (!bundle) {
      if (stop.stop_requested()) return bundle.error();
      spdlog::error("{}: {}", short_id(id), bundle.error().message);
      return give_back(work, reason_of(bundle.error()));
    }
    FinishedRun record;
    random_bytes(record.salt.bytes);
    record.bundle = encode(*bundle);
    TRY(finished_.save(id, record));
    finished = std::move(record);
    spdlog::info("{}: {}, exit code {}, {} files", short_id(id), enum_name(bundle->ended),
                 bundle->exit_code, bundle->files.size());
  }
  // Stored before it is promised: a result that nobody takes is given back, not committed to.
  if (const auto stored = store(work, worker, finished->bundle); !stored) {
    if (passes_with_time(stored.error())) return stored.error();
    spdlog::error("{}: {}", short_id(id), stored.error().message);
    return give_back(work, market::FailReason::storage_refused);
  }
  TRY_ASSIGN(const market::ResultBundle bundle, market::decode_bundle(finished->bundle));
  const Hash commitment = market::commitment(id, work.assignment.provider,
                                             market::result_digest(bundle), finished->salt);
  return send(market::to_operation(market::AssignmentCommit{id, commitment}));
}

Result<void> Agent::store(const Work& work, Worker& worker, ByteView bundle) {
  const std::scoped_lock lock(link_mutex_);
  TRY_ASSIGN(worker.receipt, link_->put_blob(config_.key, bundle, work.assignment.job));
  return {};
}

Result<void> Agent::reveal(const Work& work, Worker& worker) {
  const AssignmentId& id = work.assignment.id;
  TRY_ASSIGN(const FinishedRun finished, finished_.load(id));
  TRY_ASSIGN(const market::ResultBundle bundle, market::decode_bundle(finished.bundle));
  if (!worker.receipt) TRY(store(work, worker, finished.bundle));
  market::AssignmentReveal reveal;
  reveal.assignment = id;
  reveal.digest = market::result_digest(bundle);
  reveal.salt = finished.salt;
  reveal.receipt = *worker.receipt;
  const auto sent = send(market::to_operation(reveal));
  if (sent) spdlog::info("{}: revealed", short_id(id));
  // A receipt that has grown too short is replaced at the next try.
  if (!sent && sent.error().kind == "receipt_too_short") worker.receipt.reset();
  return sent;
}

}  // namespace bourse::provider
