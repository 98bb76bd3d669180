// SPDX-License-Identifier: Apache-2.0
//
// Opens connections to one node, and runs coroutines for callers that wait. Private to the client.
#pragma once

#include <memory>
#include <string>

#include "rpc/client.hpp"
#include "rpc/net.hpp"

namespace bourse::rpc {

class Dialer {
 public:
  static Result<std::unique_ptr<Dialer>> make(ClientConfig config);

  const ClientConfig& config() const { return config_; }
  /// Host and port, as a Host header names them.
  const std::string& authority() const { return authority_; }
  asio::io_context& context() { return context_; }

  /// A connection with the client's timeout for all of its opening. Only the name service keeps
  /// its own time.
  asio::awaitable<Result<std::unique_ptr<Stream>>> connect();
  Error unreachable(const std::string& reason) const;

 private:
  explicit Dialer(ClientConfig config) : config_(std::move(config)) {}
  Result<void> parse_url();
  Result<void> load_trust();
  void prepare_tls(Stream& stream) const;

  ClientConfig config_;
  bool is_tls_ = false;
  std::string host_;
  std::string port_;
  std::string authority_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  asio::io_context context_;
};

}  // namespace bourse::rpc
