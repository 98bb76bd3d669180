// SPDX-License-Identifier: Apache-2.0
//
// The blocking client of wallet and agent. Every call has a deadline, and its errors are of our one
// kind: what the node refused keeps the node's `kind`, what never reached it is `node_unreachable`.
// Plain HTTP goes to loopback only; over TLS the node must show a certificate that was pinned or
// that a given CA has signed. One object serves one thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "rpc/blob_auth.hpp"

namespace bourse::rpc {

/// Why a TLS server is believed. The fingerprint counts when both are given.
struct TlsTrust {
  /// PEM file of the authorities that may sign the server's name.
  std::string ca_file;
  /// SHA-256 of the server's certificate in DER.
  std::optional<Hash> fingerprint;
};

struct ClientConfig {
  /// http://127.0.0.1:8580, https://node.example:8580
  std::string url;
  TlsTrust trust;
  std::chrono::milliseconds timeout{30'000};
};

/// Whether a call may be sent again when the connection broke before an answer. Reads may, and so
/// may signed transactions, because their nonce lets only one of them through.
enum class Repeat { allowed, forbidden };

/// Events of one topic over a WebSocket of its own. The connection is served only inside next():
/// who stays away for a minute finds it closed, and resumes with `from_height`.
class Subscription {
 public:
  Subscription();
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  /// Connects and asks. `options` may hold `from_height`, to begin in the past.
  static Result<Subscription> open(const ClientConfig& config, std::string_view topic,
                                   const Json& options);

  /// The next event, or nothing when none came in time. `subscription_closed` when the node has
  /// ended it.
  Result<std::optional<Json>> next(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Client {
 public:
  /// Connects at the first call. Error kinds: bad_url, tls_required, tls_untrusted.
  static Result<Client> open(ClientConfig config);
  Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  const ClientConfig& config() const;

  /// The result, or an error with the node's `data.kind` (`rpc_error` when there is none).
  Result<Json> call(std::string_view method, const Json& params, Repeat repeat = Repeat::allowed);
  /// Stores a blob and returns the node's receipt.
  Result<Json> put_blob(const Hash& hash, ByteView data, const BlobCredentials& credentials);
  /// Fetches a blob and checks that it is what its hash says.
  Result<Bytes> get_blob(const Hash& hash, const BlobCredentials& credentials,
                         std::uint64_t max_bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::rpc
