// SPDX-License-Identifier: Apache-2.0
#include "node/node.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/crypto.hpp"
#include "chain/solo.hpp"
#include "market/dev.hpp"
#include "market/invariants.hpp"
#include "market/market.hpp"
#include "rpc/blob_rules.hpp"
#include "rpc/methods.hpp"
#include "rpc/server.hpp"
#include "rpc/topics.hpp"

namespace bourse::node {
namespace {

constexpr std::chrono::minutes kSweepInterval{10};

TimeMs system_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return TimeMs(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
}

Result<void> check_dev(const Home& home) {
  if (home.genesis.network != Network::dev || home.genesis.name != "dev") {
    return Error{"dev_on_other_network",
                 "--dev gives everybody the keys; this home is of another chain"};
  }
  if (home.config.rpc.bind != "127.0.0.1" && home.config.rpc.bind != "::1") {
    return Error{"dev_needs_loopback", "--dev serves on loopback only; rpc.bind says otherwise"};
  }
  return {};
}

Result<void> check_validator(const Home& home) {
  const ConsensusKey key = ed25519_public(home.consensus_seed);
  for (const market::Validator& validator : home.genesis.validators) {
    if (validator.key == key) return {};
  }
  return Error{"not_a_validator", "the genesis does not name this home's consensus key, 0x" +
                                      to_hex(key.bytes) + ", as a validator"};
}

/// Deletes expired blobs now and then, on a thread of its own because it touches many files.
class Sweeper {
 public:
  explicit Sweeper(rpc::BlobStore& blobs)
      : thread_([this, &blobs](std::stop_token stop) {
          std::unique_lock lock(mutex_);
          while (!stop.stop_requested()) {
            blobs.sweep(system_time());
            wake_.wait_for(lock, stop, kSweepInterval, [] { return false; });
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

rpc::ServerConfig server_config(const RpcConfig& config) {
  rpc::ServerConfig out;
  out.bind_address = config.bind;
  out.port = config.port;
  if (!config.tls_certificate.empty()) {
    out.tls = rpc::TlsFiles{config.tls_certificate, config.tls_key};
  }
  out.host_names = config.host_names;
  out.allowed_origins = config.allowed_origins;
  return out;
}

}  // namespace

// Members are in the order in which they are made; they go in the opposite one, so that nothing
// outlives what it uses.
struct Node::Impl {
  Home home;
  Hash chain_id;
  std::unique_ptr<chain::Store> store;
  std::unique_ptr<rpc::BlobStore> blobs;
  std::optional<market::Market> market;
  std::optional<chain::SoloEngine> engine;
  std::optional<rpc::Backend> backend;
  rpc::Dispatcher dispatcher;
  std::optional<rpc::HotPath> hot;
  std::optional<rpc::SubscriptionHub> hub;
  std::optional<Sweeper> sweeper;
  std::unique_ptr<rpc::Server> server;

  Result<void> open_parts();
  void make_engine(std::function<void(const Error&)> on_fatal);
  Result<void> start_engine();
  Result<void> serve(bool dev);
  rpc::Services services();
};

Result<void> Node::Impl::open_parts() {
  chain_id = market::chain_id(home.genesis);
  chain::StoreConfig config;
  config.directory = home.store();
  config.anchor = home.anchor();
  config.chain_id = chain_id;
  TRY_ASSIGN(store, chain::Store::open(config));
  rpc::BlobLimits limits;
  limits.total_bytes = std::uint64_t{home.config.blobs.total_mib} << 20;
  TRY_ASSIGN(blobs, rpc::BlobStore::open(home.blobs(), limits));
  market.emplace(home.genesis);
  return {};
}

void Node::Impl::make_engine(std::function<void(const Error&)> on_fatal) {
  chain::SoloConfig config;
  config.chain_id = chain_id;
  config.genesis_time = home.genesis.time;
  config.consensus_seed = home.consensus_seed;
  config.proof_block = DurationMs(home.config.engine.proof_block_ms);
  config.checkpoint_interval_blocks = home.config.engine.checkpoint_blocks;
  config.keep_blocks = home.config.engine.keep_blocks;
  config.block_bytes_max = home.genesis.params.block_bytes_max;
  config.on_fatal = std::move(on_fatal);
  engine.emplace(std::move(config), *market, *store, system_time);
}

Result<void> Node::Impl::start_engine() {
  // The hub starts at what can be read now, and hears of every block after it.
  const auto tip = store->tip();
  hub.emplace(tip ? tip->height : Height{});
  engine->on_block([this](const chain::Block& block) {
    rpc::publish_block(*hub, block, JsonStyle{home.genesis.network});
  });
  return engine->start();
}

rpc::Services Node::Impl::services() {
  rpc::Services services;
  services.methods = &dispatcher;
  services.hot = &*hot;
  services.hub = &*hub;
  services.live = [] { return rpc::Health{true, "alive\n"}; };
  services.ready = [this] {
    const chain::EngineStatus status = engine->status();
    if (status.failure) return rpc::Health{false, status.failure->message + "\n"};
    return rpc::Health{status.running, status.running ? "ready\n" : "starting or stopping\n"};
  };
  services.blobs.store = blobs.get();
  services.blobs.authorise = [this](const rpc::BlobRequest& request, const Address& key,
                                    const Signature& signature) {
    return rpc::authorise_blob(*backend, request, key, signature);
  };
  services.blobs.receipt = [this](const Hash& hash, std::uint64_t size, TimeMs kept_until) {
    return to_json(market::sign_receipt(hash, size, kept_until, home.consensus_seed),
                   backend->style);
  };
  return services;
}

Result<void> Node::Impl::serve(bool dev) {
  backend.emplace(rpc::Backend{*engine,
                               *store,
                               *market,
                               *blobs,
                               chain_id,
                               JsonStyle{home.genesis.network},
                               home.consensus_seed,
                               seconds(std::uint64_t{home.config.blobs.retention_hours} * 3600),
                               std::uint64_t{home.config.blobs.mib_per_brs} << 20,
                               system_time,
                               {}});
  if (dev) {
    for (std::uint32_t i = 0; i < market::kDevAccounts; ++i) {
      backend->dev_keys.push_back(market::dev_key(i));
    }
  }
  rpc::add_methods(dispatcher, *backend);
  hot.emplace(*backend);
  rpc::add_topics(*hub, *backend);
  sweeper.emplace(*blobs);
  TRY_ASSIGN(server, rpc::Server::start(server_config(home.config.rpc), services()));
  return {};
}

Result<std::unique_ptr<Node>> Node::start(Home home, bool dev,
                                          std::function<void(const Error&)> on_fatal) {
  if (dev) TRY(check_dev(home));
  TRY(check_validator(home));
  auto impl = std::make_unique<Impl>();
  impl->home = std::move(home);
  TRY(impl->open_parts());
  std::unique_ptr<Node> node(new Node(std::move(impl)));
  node->impl_->make_engine(std::move(on_fatal));
  TRY(node->impl_->start_engine());
  TRY(node->impl_->serve(dev));
  return node;
}

Result<std::vector<std::string>> audit_home(Home home, bool from_genesis) {
  TRY(check_validator(home));
  Node::Impl parts;
  parts.home = std::move(home);
  TRY(parts.open_parts());
  parts.make_engine({});
  using Trust = chain::SoloEngine::Trust;
  TRY(parts.engine->recover(from_genesis ? Trust::nothing : Trust::own_record));
  return market::audit(*parts.market->snapshot());
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Node::~Node() {
  impl_->server.reset();
  if (impl_->engine) impl_->engine->stop();
}

std::uint16_t Node::port() const { return impl_->server->port(); }
const Hash& Node::chain_id() const { return impl_->chain_id; }

}  // namespace bourse::node
