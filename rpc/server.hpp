// SPDX-License-Identifier: Apache-2.0
//
// The node's server: JSON-RPC on `POST /`, transactions as bytes on `POST /tx`, subscriptions on
// `GET /ws`, health, job data under `/blob/`, and whatever other routes the node adds, over
// HTTP/1.1 with or without TLS 1.3. All that it lets a stranger use is in ServerLimits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rpc/blob_auth.hpp"
#include "rpc/blob_store.hpp"
#include "rpc/hot_path.hpp"
#include "rpc/json_rpc.hpp"
#include "rpc/limits.hpp"
#include "rpc/subscriptions.hpp"

namespace bourse::rpc {

struct TlsFiles {
  /// PEM: the certificate and the chain above it.
  std::string certificate;
  /// PEM: the private key.
  std::string key;
};

struct ServerConfig {
  std::string bind_address = "127.0.0.1";
  /// 0 picks a free one; Server::port() tells which.
  std::uint16_t port = 8580;
  /// For connections and quick reads; 0 is one for each core. Each core has a thread for
  /// submissions and one for other calls besides.
  unsigned threads = 0;
  std::optional<TlsFiles> tls;
  /// Names, besides loopback's and the bound address, that a Host header may carry.
  std::vector<std::string> host_names;
  /// Origins of other web pages that may call this node from a browser.
  std::vector<std::string> allowed_origins;
  ServerLimits limits;
};

struct Health {
  bool ok = false;
  std::string text;
};

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

struct Route {
  std::string method;
  std::string path;
  /// The Content-Type of the request's body; empty when there is no body.
  std::string accepts;
  std::function<HttpReply(const std::string& body)> handle;
};

struct BlobGrant {
  std::uint64_t quota_bytes = 0;
  TimeMs kept_until;
};

struct BlobService {
  /// Without a store there are no `/blob` routes.
  BlobStore* store = nullptr;
  /// Checks signature, expiry and rights (`request.chain_id` is left zero for it to fill in). An
  /// error is answered 403, one of kind `busy` 503.
  std::function<Result<BlobGrant>(const BlobRequest& request, const Address& key,
                                  const Signature& signature)>
      authorise;
  /// What a successful PUT answers.
  std::function<Json(const Hash& hash, std::uint64_t size, TimeMs kept_until)> receipt;
};

/// What the server serves. The pointers outlive it; the functions are called from its threads,
/// several at a time.
struct Services {
  const Dispatcher* methods = nullptr;
  /// Without it every call is the Dispatcher's, and there is no `POST /tx`.
  const HotPath* hot = nullptr;
  SubscriptionHub* hub = nullptr;
  std::function<Health()> live;
  std::function<Health()> ready;
  std::vector<Route> routes;
  BlobService blobs;
};

class Server {
 public:
  /// Binds and starts the threads. Error kinds: bind_address_invalid, bind_needs_tls, bind_failed,
  /// tls_files_invalid.
  static Result<std::unique_ptr<Server>> start(ServerConfig config, Services services);
  /// Stops the threads and closes every connection.
  ~Server();

  std::uint16_t port() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::rpc
