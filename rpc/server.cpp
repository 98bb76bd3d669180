// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.hpp"

#include "rpc/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <thread>

namespace bourse::rpc {
namespace {

/// How many clients are told at a time that the server is full; the rest just see it hang up.
constexpr std::size_t kRefusalsMax = 64;
/// How long to wait when the process is out of file descriptors.
constexpr std::chrono::milliseconds kAcceptPause{100};

Error tls_error(const std::string& file, const error_code& reason) {
  return {"tls_files_invalid", "cannot use " + file + ": " + reason.message()};
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const TlsFiles& files) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
  error_code failure;
  context->use_certificate_chain_file(files.certificate, failure);
  if (failure) return tls_error(files.certificate, failure);
  context->use_private_key_file(files.key, asio::ssl::context::pem, failure);
  if (failure) return tls_error(files.key, failure);
  return context;
}

/// The key that a peer is counted under; loopback is not counted.
std::string peer_key(const tcp::socket& socket) {
  error_code failure;
  const auto peer = socket.remote_endpoint(failure);
  if (failure || peer.address().is_loopback()) return "";
  return peer.address().to_string();
}

void log_failure(std::exception_ptr failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::error("a connection ended by an exception: {}", error.what());
  }
}

}  // namespace

ServerCore::ServerCore(ServerConfig server_config, Services what)
    : config(std::move(server_config)),
      services(std::move(what)),
      host_names({"localhost", "127.0.0.1", "[::1]"}),
      connections(config.limits.connections, config.limits.connections_per_ip),
      refusals(kRefusalsMax, kRefusalsMax),
      websockets(config.limits.ws_clients, config.limits.ws_clients),
      long_bodies(config.limits.long_bodies_bytes, config.limits.long_bodies_bytes) {
  host_names.insert(host_names.end(), config.host_names.begin(), config.host_names.end());
  const bool is_v6 = config.bind_address.find(':') != std::string::npos;
  host_names.push_back(is_v6 ? "[" + config.bind_address + "]" : config.bind_address);

  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  if (config.threads == 0) config.threads = cores;
  submissions.emplace(cores, config.limits.submissions);
  calls.emplace(cores, config.limits.calls);
  endpoints = make_endpoints(*this);

  const auto only_over_ws = [](const Json&) -> RpcResult {
    return RpcError(kMethodNotFound, "websocket_only",
                    "subscriptions exist only over the WebSocket at /ws");
  };
  http_methods.add("chain_subscribe", {"topic", "options"}, only_over_ws);
  http_methods.add("chain_unsubscribe", {"subscription"}, only_over_ws);
}

/// Serves its own connections, one thing at a time.
struct IoThread {
  Deadlines deadlines;
  asio::io_context context{1};
  std::thread thread;

  void run() {
    while (!context.stopped()) {
      try {
        context.run();
      } catch (...) {
        log_failure(std::current_exception());
      }
    }
  }
};

struct Server::Impl {
  // Sessions die with the io_contexts, which therefore go first.
  ServerCore core;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::unique_ptr<IoThread>> io;
  std::optional<tcp::acceptor> acceptor;

  Impl(ServerConfig config, Services services) : core(std::move(config), std::move(services)) {
    for (unsigned i = 0; i < core.config.threads; ++i) io.push_back(std::make_unique<IoThread>());
    acceptor.emplace(io[0]->context);
  }

  Result<void> bind(const asio::ip::address& address) {
    const tcp::endpoint endpoint(address, core.config.port);
    error_code failure;
    acceptor->open(endpoint.protocol(), failure);
    if (!failure) acceptor->set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor->bind(endpoint, failure);
    if (!failure) acceptor->listen(asio::socket_base::max_listen_connections, failure);
    if (!failure) return {};
    return Error{"bind_failed", "cannot listen on " + core.config.bind_address + " port " +
                                    std::to_string(core.config.port) + ": " + failure.message() +
                                    "; is another node running?"};
  }

  void serve(IoThread& thread, tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (auto pass = core.connections.enter(peer_key(socket))) {
      Stream stream = tls ? Stream(std::move(socket), *tls) : Stream(std::move(socket));
      asio::co_spawn(thread.context,
                     serve_connection(core, thread.deadlines, std::move(stream), std::move(*pass)),
                     log_failure);
    } else if (auto refused = core.refusals.enter(""); refused && !tls) {
      asio::co_spawn(thread.context, serve_refusal(Stream(std::move(socket)), std::move(*refused)),
                     log_failure);
    }
  }

  asio::awaitable<void> accept_loop() {
    asio::steady_timer pause(io[0]->context);
    for (std::size_t next = 0;; next = (next + 1) % io.size()) {
      tcp::socket socket(io[next]->context);
      auto [failure] = co_await acceptor->async_accept(socket, kAwait);
      if (!failure) {
        serve(*io[next], std::move(socket));
        continue;
      }
      spdlog::warn("cannot accept a connection: {}", failure.message());
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kAwait);
    }
  }

  void start() {
    asio::co_spawn(io[0]->context, accept_loop(), log_failure);
    for (const auto& each : io) {
      asio::co_spawn(each->context, each->deadlines.run(), log_failure);
      each->thread = std::thread([raw = each.get()] { raw->run(); });
    }
  }

  void stop() {
    for (const auto& each : io) each->context.stop();
    for (const auto& each : io) each->thread.join();
    core.submissions.reset();
    core.calls.reset();
  }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Server>> Server::start(ServerConfig config, Services services) {
  error_code failure;
  const auto address = asio::ip::make_address(config.bind_address, failure);
  if (failure) {
    return Error{"bind_address_invalid", config.bind_address + " is not an IP address"};
  }
  if (!address.is_loopback() && !config.tls) {
    return Error{"bind_needs_tls",
                 "an address that other machines reach needs TLS; set certificate and key, or "
                 "bind 127.0.0.1"};
  }
  auto impl = std::make_unique<Impl>(std::move(config), std::move(services));
  if (impl->core.config.tls) {
    TRY_ASSIGN(impl->tls, make_tls(*impl->core.config.tls));
  }
  TRY(impl->bind(address));
  impl->start();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() {
  impl_->stop();
  // From here on no other thread posts work to the connections.
  if (impl_->core.services.hub != nullptr) impl_->core.services.hub->drop_all();
}

std::uint16_t Server::port() const { return impl_->acceptor->local_endpoint().port(); }

}  // namespace bourse::rpc
