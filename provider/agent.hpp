// SPDX-License-Identifier: Apache-2.0
//
// The agent: it looks at which assignments its provider has on the chain and takes each one a step
// further: accept, run, store, commit, reveal. The chain is the only queue; what the agent keeps is
// the record of finished runs, so that it can be killed at any instant and go on.
//
// Connections go out only, so it works behind NAT and firewalls.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

#include "provider/finished_run.hpp"
#include "provider/sandbox.hpp"
#include "rpc/work.hpp"
#include "wallet/node_link.hpp"

namespace bourse::provider {

struct AgentConfig {
  std::filesystem::path home;
  rpc::ClientConfig node;
  SecretKey key;
  /// Found by its agent key when it is not given.
  std::optional<ProviderId> provider;
};

using rpc::Work;

class Agent {
 public:
  Agent(AgentConfig config, Sandbox sandbox, FinishedRuns finished);
  ~Agent();

  /// Works until `stop` is requested; then it gives back what has not been committed. An outage of
  /// the node is waited out. Error kinds: provider_not_found, provider_retired, wrong_chain, and
  /// whatever else does not pass with time.
  Result<void> run(std::stop_token stop);

 private:
  struct Worker;

  Result<void> connect();
  Result<void> refresh();
  void reap();
  void wait_for_news(std::stop_token stop);

  void work_on(const AssignmentId& id, Worker& worker, std::stop_token stop);
  Result<void> advance(const Work& work, Worker& worker, std::stop_token stop);
  Result<void> accept(const Work& work);
  Result<void> run_and_commit(const Work& work, Worker& worker, std::stop_token stop);
  Result<void> store(const Work& work, Worker& worker, ByteView bundle);
  Result<void> reveal(const Work& work, Worker& worker);
  Result<void> give_back(const Work& work, market::FailReason reason);
  Result<Bytes> fetch(const Work& work, const Hash& hash, std::uint64_t max_bytes,
                      std::stop_token stop);
  Result<void> send(chain::Operation operation);
  std::optional<Work> current(const AssignmentId& id);

  const AgentConfig config_;
  const Sandbox sandbox_;
  const FinishedRuns finished_;
  ProviderId provider_;
  std::optional<rpc::Subscription> news_;

  // One link and one transaction at a time: the agent's account has one sequence of nonces.
  std::mutex link_mutex_;
  std::optional<wallet::NodeLink> link_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::map<AssignmentId, Work> work_;
  std::map<AssignmentId, std::unique_ptr<Worker>> workers_;
};

}  // namespace bourse::provider
