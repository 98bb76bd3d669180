// SPDX-License-Identifier: Apache-2.0
//
// PUT and GET /blob/<hash>. Bodies are streamed in chunks, and each chunk has the deadline that the
// slowest permitted transfer would have at that point.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/json_fields.hpp"
#include "rpc/session.hpp"

namespace bourse::rpc {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

template <class Fixed>
std::optional<Fixed> hex_of(beast::string_view text) {
  const auto bytes = from_hex({text.data(), text.size()});
  return bytes ? Fixed::from(*bytes) : std::nullopt;
}

HttpReply blob_refusal(const Error& error) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 6> kStatuses = {{
      {"busy", 503},
      {"blob_quota_exceeded", 503},
      {"blob_store_full", 503},
      {"blob_not_found", 404},
      {"blob_too_large", 413},
      {"blob_hash_mismatch", 422},
  }};
  for (const auto& [kind, status] : kStatuses) {
    if (kind == error.kind) return refusal(status, error.kind, error.message);
  }
  // What is left is trouble with the disk, and its message has a path in it.
  spdlog::error("blob store: {}", error.message);
  return refusal(500, "internal_error", "the blob store does not work; ask its operator");
}

asio::awaitable<bool> refuse(Exchange& exchange, const Error& error, bool keep) {
  const HttpReply reply = blob_refusal(error);
  co_return co_await send_reply(exchange, reply, keep);
}

struct SignedRequest {
  BlobRequest request;
  Address key;
  Signature signature;
};

/// The request as its headers tell it, or what is wrong with them.
Result<SignedRequest> signed_request(const Exchange& exchange, std::string_view name) {
  const Head& head = exchange.head();
  const auto malformed = [](std::string_view what) {
    return Error{"blob_request_malformed", std::string(what) + " is missing or malformed"};
  };
  const auto hash = hex_of<Hash>({name.data(), name.size()});
  if (!hash) return malformed("the hash in the path");
  const auto key = hex_of<Address>(head["X-Bourse-Key"]);
  if (!key) return malformed("X-Bourse-Key");
  const auto signature = hex_of<Signature>(head["X-Bourse-Signature"]);
  if (!signature) return malformed("X-Bourse-Signature");
  const auto valid_until = read_u64(Json(std::string(head["X-Bourse-Valid-Until"])), UINT64_MAX);
  if (!valid_until) return malformed("X-Bourse-Valid-Until");
  std::optional<JobId> job;
  if (head.count("X-Bourse-Job") != 0) {
    job = hex_of<JobId>(head["X-Bourse-Job"]);
    if (!job) return malformed("X-Bourse-Job");
  }
  const auto size = exchange.parser.content_length();
  if (head.method() == http::verb::put && !size) return malformed("Content-Length");
  if (head.method() == http::verb::get && (size.value_or(0) != 0 || exchange.parser.chunked())) {
    return malformed("the empty body of GET");
  }
  BlobRequest request{std::string(head.method_string()),
                      *hash,
                      size.value_or(0),
                      job,
                      TimeMs(*valid_until),
                      Hash{}};
  return SignedRequest{std::move(request), *key, *signature};
}

void set_deadline(Exchange& exchange, std::uint64_t bytes) {
  const ServerLimits& limits = exchange.core.config.limits;
  const std::chrono::milliseconds span(bytes * 1000 / limits.blob_bytes_per_second);
  exchange.stream.expires_at(exchange.started + limits.blob_grace + span);
}

/// Reads the body into the upload. False when the connection broke.
asio::awaitable<bool> receive(Exchange& exchange, std::uint64_t size, BlobStore::Upload& upload,
                              Result<void>& result) {
  std::uint64_t received = 0;
  while (received < size && result) {
    if (exchange.buffer.size() == 0) {
      set_deadline(exchange, received + kChunkBytes);
      const Transfer read = co_await exchange.stream.read(exchange.buffer.prepare(kChunkBytes));
      if (read.failure) co_return false;
      exchange.buffer.commit(read.count);
    }
    const std::size_t count = std::min<std::uint64_t>(exchange.buffer.size(), size - received);
    const auto* data = static_cast<const std::uint8_t*>(exchange.buffer.data().data());
    result = upload.write({data, count});
    exchange.buffer.consume(count);
    received += count;
  }
  co_return true;
}

asio::awaitable<bool> put_blob(Exchange& exchange, const SignedRequest& what,
                               const BlobGrant& grant) {
  const BlobService& blobs = exchange.core.services.blobs;
  const Hash& hash = what.request.hash;
  const std::uint64_t size = what.request.size;
  auto upload = blobs.store->begin(hash, size, what.key, grant.quota_bytes, grant.kept_until);
  if (!upload) co_return co_await refuse(exchange, upload.error(), false);
  if (co_await invite_body(exchange)) co_return false;
  Result<void> result;
  if (!co_await receive(exchange, size, **upload, result)) co_return false;
  if (!result) co_return co_await refuse(exchange, result.error(), false);
  // The disk may take its time, and other connections wait for this thread.
  Result<TimeMs> kept_until = Error{"busy", "the node has too much to do; try again in a moment"};
  const std::function<void()> finish = [&] { kept_until = (*upload)->finish(); };
  exchange.stream.expires_at(Clock::time_point::max());
  co_await exchange.core.calls->run(1, finish);
  if (!kept_until) co_return co_await refuse(exchange, kept_until.error(), true);
  const Json receipt = blobs.receipt(hash, size, *kept_until);
  const HttpReply reply{200, "application/json", dump_json(receipt)};
  co_return co_await send_reply(exchange, reply, true);
}

asio::awaitable<bool> get_blob(Exchange& exchange, const Hash& hash) {
  const auto file = exchange.core.services.blobs.store->read(hash);
  if (!file) co_return co_await refuse(exchange, file.error(), true);
  const bool keep = exchange.head().keep_alive();
  http::fields fields;
  fields.set("X-Content-Type-Options", "nosniff");
  fields.set(http::field::connection, keep ? "keep-alive" : "close");
  fields.set(http::field::content_type, "application/octet-stream");
  fields.set(http::field::content_length, std::to_string(file->size));
  set_deadline(exchange, 0);
  const std::string head = status_line(200) + header_text(fields);
  if (co_await exchange.stream.write(head)) co_return false;
  std::string chunk(kChunkBytes, '\0');
  std::uint64_t sent = 0;
  while (sent < file->size) {
    const ssize_t count = ::read(file->fd.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) co_return false;
    sent += static_cast<std::uint64_t>(count);
    set_deadline(exchange, sent);
    const std::string_view part(chunk.data(), static_cast<std::size_t>(count));
    if (co_await exchange.stream.write(part)) co_return false;
  }
  co_return keep;
}

}  // namespace

asio::awaitable<bool> serve_blob(Exchange& exchange, std::string_view name) {
  const http::verb method = exchange.head().method();
  if (method != http::verb::put && method != http::verb::get) {
    const HttpReply reply = refusal(405, "method_not_allowed", "blobs know PUT and GET");
    co_return co_await send_reply(exchange, reply, false);
  }
  const auto what = signed_request(exchange, name);
  if (!what) {
    const HttpReply reply = refusal(400, what.error().kind, what.error().message);
    co_return co_await send_reply(exchange, reply, false);
  }
  const auto grant =
      exchange.core.services.blobs.authorise(what->request, what->key, what->signature);
  if (!grant) {
    const unsigned status = grant.error().kind == "busy" ? 503 : 403;
    const HttpReply reply = refusal(status, grant.error().kind, grant.error().message);
    co_return co_await send_reply(exchange, reply, false);
  }
  if (method == http::verb::get) co_return co_await get_blob(exchange, what->request.hash);
  co_return co_await put_blob(exchange, *what, *grant);
}

}  // namespace bourse::rpc
