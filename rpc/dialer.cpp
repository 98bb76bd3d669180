// SPDX-License-Identifier: Apache-2.0
#include "rpc/dialer.hpp"

#include <algorithm>
#include <boost/asio/ssl/host_name_verification.hpp>

#include "base/crypto.hpp"

namespace bourse::rpc {
namespace {

constexpr std::string_view kDefaultPort = "8580";

/// Whether the certificate that the server has shown is the pinned one, whoever has signed it.
bool is_pinned(asio::ssl::verify_context& context, const Hash& fingerprint) {
  X509* certificate = X509_STORE_CTX_get0_cert(context.native_handle());
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  if (length <= 0) return false;
  const Hash hash = sha256({der, static_cast<std::size_t>(length)});
  OPENSSL_free(der);
  return hash == fingerprint;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  error_code failure;
  const auto address = asio::ip::make_address(host, failure);
  return !failure && address.is_loopback();
}

}  // namespace

Result<std::unique_ptr<Dialer>> Dialer::make(ClientConfig config) {
  std::unique_ptr<Dialer> dialer(new Dialer(std::move(config)));
  TRY(dialer->parse_url());
  if (!dialer->is_tls_ && !is_loopback(dialer->host_)) {
    return Error{"tls_required",
                 "http:// goes to this machine only; use https:// for " + dialer->config_.url};
  }
  if (dialer->is_tls_) TRY(dialer->load_trust());
  return dialer;
}

Result<void> Dialer::parse_url() {
  std::string_view rest = config_.url;
  const auto bad = [&](std::string_view why) {
    return Error{"bad_url", config_.url + ": " + std::string(why) +
                                "; write for example http://127.0.0.1:8580"};
  };
  is_tls_ = rest.starts_with("https://");
  if (!is_tls_ && !rest.starts_with("http://")) return bad("expected http:// or https://");
  rest.remove_prefix(rest.find("://") + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);

  const bool is_v6 = rest.starts_with('[');
  const auto host_end = is_v6 ? rest.find(']') : rest.find(':');
  if (is_v6 && host_end == std::string_view::npos) return bad("the bracket is not closed");
  host_ = is_v6 ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
  rest.remove_prefix(std::min(rest.size(), host_end + (is_v6 ? 1 : 0)));
  if (host_.empty() || host_.find_first_of("/?#@ \r\n") != std::string::npos) return bad("no host");
  if (!rest.empty() && !rest.starts_with(':')) return bad("expected a port");
  port_ = rest.empty() ? kDefaultPort : rest.substr(1);
  const bool is_number = std::ranges::all_of(port_, [](char c) { return c >= '0' && c <= '9'; });
  if (port_.empty() || port_.size() > 5 || !is_number || std::stoul(port_) > 65535) {
    return bad("the port is not a number");
  }
  authority_ = (is_v6 ? "[" + host_ + "]" : host_) + ":" + port_;
  return {};
}

Result<void> Dialer::load_trust() {
  if (config_.trust.ca_file.empty() && !config_.trust.fingerprint) {
    return Error{"tls_untrusted",
                 "https:// needs a CA file or the fingerprint of the node's "
                 "certificate, or nobody knows who answers"};
  }
  SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_3_VERSION);
  tls_.set_verify_mode(asio::ssl::verify_peer);
  if (config_.trust.fingerprint) return {};
  error_code failure;
  tls_.load_verify_file(config_.trust.ca_file, failure);
  if (!failure) return {};
  return Error{"tls_untrusted",
               "cannot use the CA file " + config_.trust.ca_file + ": " + failure.message()};
}

void Dialer::prepare_tls(Stream& stream) const {
  error_code failure;
  asio::ip::make_address(host_, failure);
  // RFC 6066 section 3 allows names only.
  if (failure) SSL_set_tlsext_host_name(stream.tls()->native_handle(), host_.c_str());
  if (config_.trust.fingerprint) {
    stream.tls()->set_verify_callback(
        [pin = *config_.trust.fingerprint](bool, asio::ssl::verify_context& context) {
          return is_pinned(context, pin);
        });
  } else {
    stream.tls()->set_verify_callback(asio::ssl::host_name_verification(host_));
  }
}

asio::awaitable<Result<std::unique_ptr<Stream>>> Dialer::connect() {
  tcp::resolver resolver(context_);
  auto [not_found, endpoints] = co_await resolver.async_resolve(host_, port_, kAwait);
  if (not_found) co_return unreachable(not_found.message());
  auto stream = is_tls_ ? std::make_unique<Stream>(tcp::socket(context_), tls_)
                        : std::make_unique<Stream>(tcp::socket(context_));
  stream->expires_after(config_.timeout);
  auto [refused, endpoint] = co_await stream->lowest().async_connect(endpoints, kAwait);
  if (refused) co_return unreachable(refused.message());
  error_code failure;
  stream->lowest().socket().set_option(tcp::no_delay(true), failure);
  if (is_tls_) prepare_tls(*stream);
  failure = co_await stream->handshake(asio::ssl::stream_base::client);
  if (failure && stream->tls() != nullptr &&
      SSL_get_verify_result(stream->tls()->native_handle()) != X509_V_OK) {
    co_return Error{"tls_untrusted", config_.url + " did not show the expected certificate (" +
                                         failure.message() + "); nothing was sent to it"};
  }
  if (failure) co_return unreachable(failure.message());
  co_return stream;
}

Error Dialer::unreachable(const std::string& reason) const {
  return {"node_unreachable",
          "cannot reach the node at " + config_.url + ": " + reason + "; is it running?"};
}

}  // namespace bourse::rpc
