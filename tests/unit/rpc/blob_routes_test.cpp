// SPDX-License-Identifier: Apache-2.0
//
// Goal: job data goes in and out over HTTP for those who signed for it, and for nobody else.
// Method: a real server whose authorisation callback verifies real signatures; our client for the
// good cases, hand-written requests for the bad ones.
#include <gtest/gtest.h>

#include "rpc/client.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/rpc/rpc_rig.hpp"

namespace bourse::rpc::test {
namespace {

const Hash kChain{{42}};
const SecretKey kSecret{{1, 2, 3}};
const TimeMs kValidUntil(5000);

struct BlobNode : Node {
  bourse::test::TempDir dir;
  std::unique_ptr<BlobStore> store;
  std::uint64_t quota = 4 << 20;

  BlobNode() {
    store = std::move(BlobStore::open(dir.path(), {1 << 20, 4 << 20}).value());
    services.blobs = {store.get(),
                      [this](const BlobRequest& request, const Address& key,
                             const Signature& signature) -> Result<BlobGrant> {
                        BlobRequest full = request;
                        full.chain_id = kChain;
                        if (!verify_blob_request(key, full, signature))
                          return Error{"bad_signature", "no"};
                        return BlobGrant{quota, TimeMs(9000)};
                      },
                      [](const Hash& hash, std::uint64_t size, TimeMs kept_until) {
                        return Json{{"hash", to_hex(hash.bytes)},
                                    {"size", size},
                                    {"kept_until", kept_until.value()}};
                      }};
  }
  ~BlobNode() { server.reset(); }

  /// The upload is dropped soon after its connection.
  void expect_empty_store() const {
    const auto start = std::chrono::steady_clock::now();
    while (store->used_bytes() != 0) {
      ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
    }
  }
  Client client() const { return std::move(Client::open({url(), {}, kPatience}).value()); }
};

BlobCredentials sign(const std::string& method, const Hash& hash, std::uint64_t size,
                     std::optional<JobId> job = std::nullopt) {
  const BlobRequest request{method, hash, size, job, kValidUntil, kChain};
  return {public_key(kSecret).value(), kValidUntil, sign_blob_request(kSecret, request), job};
}

Bytes data_of(std::size_t size) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 31 >> 3);
  return data;
}

TEST(BlobAuth, TheDigestBindsEveryField) {
  const BlobRequest request{"PUT", Hash{{1}}, 5, std::nullopt, kValidUntil, kChain};
  const Hash digest = blob_digest(request);
  const auto differs = [&](auto change) {
    BlobRequest other = request;
    change(other);
    return blob_digest(other) != digest;
  };
  EXPECT_FALSE(differs([](BlobRequest&) {}));
  EXPECT_TRUE(differs([](BlobRequest& r) { r.method = "GET"; }));
  EXPECT_TRUE(differs([](BlobRequest& r) { r.hash = Hash{{2}}; }));
  EXPECT_TRUE(differs([](BlobRequest& r) { r.size = 6; }));
  EXPECT_TRUE(differs([](BlobRequest& r) { r.job = JobId{}; }));
  EXPECT_TRUE(differs([](BlobRequest& r) { r.valid_until = TimeMs(5001); }));
  EXPECT_TRUE(differs([](BlobRequest& r) { r.chain_id = Hash{}; }));
}

TEST(BlobRoutes, UploadAndDownload) {
  BlobNode node;
  node.start();
  Client client = node.client();
  for (const std::size_t size : {0u, 1u, 65'536u, 1u << 20}) {
    const Bytes data = data_of(size);
    const Hash hash = sha256(data);
    const auto receipt = client.put_blob(hash, data, sign("PUT", hash, size));
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ((*receipt)["size"], size);
    EXPECT_EQ((*receipt)["kept_until"], 9000);
    const JobId job{{7}};
    EXPECT_EQ(client.get_blob(hash, sign("GET", hash, 0, job), 1 << 20).value(), data);
  }
}

TEST(BlobRoutes, Refusals) {
  BlobNode node;
  node.start();
  Client client = node.client();
  const Bytes data = data_of(10'000);
  const Hash hash = sha256(data);
  const auto put_kind = [&](const Bytes& sent, const BlobCredentials& credentials) {
    const auto result = client.put_blob(hash, sent, credentials);
    return result ? "" : result.error().kind;
  };
  EXPECT_EQ(put_kind(data, sign("GET", hash, 10'000)), "bad_signature");
  EXPECT_EQ(put_kind(data, sign("PUT", hash, 9'999)), "bad_signature");
  EXPECT_EQ(put_kind(data_of(9'999), sign("PUT", hash, 9'999)), "blob_hash_mismatch");
  const Bytes huge((1 << 20) + 1);
  EXPECT_EQ(put_kind(huge, sign("PUT", hash, huge.size())), "blob_too_large");
  node.quota = 8192;
  EXPECT_EQ(put_kind(data, sign("PUT", hash, 10'000)), "blob_quota_exceeded");
  EXPECT_EQ(client.get_blob(hash, sign("GET", hash, 0), 1 << 20).error().kind, "blob_not_found");
  node.quota = 1 << 20;
  EXPECT_EQ(put_kind(data, sign("PUT", hash, 10'000)), "");
  EXPECT_EQ(client.get_blob(hash, sign("GET", hash, 0), 9'999).error().kind, "answer_too_large");
  EXPECT_EQ(client.get_blob(hash, sign("GET", hash, 0), 10'000).value(), data);
}

/// The headers of a request that is in order.
std::string headers(const std::string& method, const Hash& hash, std::uint64_t size) {
  const BlobCredentials credentials = sign(method, hash, size);
  return method + " /blob/" + to_hex(hash.bytes) +
         " HTTP/1.1\r\nHost: localhost\r\nX-Bourse-Key: " + to_hex(credentials.key.bytes) +
         "\r\nX-Bourse-Valid-Until: 5000\r\nX-Bourse-Signature: " +
         to_hex(credentials.signature.bytes) + "\r\n";
}

std::string without(std::string text, const std::string& part) {
  return text.replace(text.find(part), part.size(), "X");
}

TEST(BlobRoutes, MalformedRequests) {
  BlobNode node;
  node.start();
  const Bytes data = data_of(3);
  const Hash hash = sha256(data);
  const std::string head = headers("PUT", hash, 3);
  const std::string body = "Content-Length: 3\r\n\r\n" + std::string(as_text(data));
  EXPECT_EQ(node.ask(head + body).status, 200);
  EXPECT_EQ(node.ask(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status, 400);
  EXPECT_EQ(node.ask(head + "\r\n").status, 400);
  EXPECT_EQ(node.ask(head + "X-Bourse-Job: 12\r\n" + body).status, 400);
  EXPECT_EQ(node.ask(head + "X-Bourse-Job: " + std::string(32, '0') + "\r\n" + body).status, 403);
  for (const char* name : {"X-Bourse-Key", "X-Bourse-Valid-Until", "X-Bourse-Signature"}) {
    EXPECT_EQ(node.ask(without(head, name) + body).status, 400) << name;
  }
  EXPECT_EQ(node.ask(without(head, to_hex(hash.bytes)) + body).status, 400);
  EXPECT_EQ(node.ask(headers("GET", hash, 0) + body).status, 400);
  EXPECT_EQ(node.ask(headers("DELETE", hash, 0) + "\r\n").status, 405);
  EXPECT_EQ(node.ask(get("/blob")).status, 404);
}

TEST(BlobRoutes, AnUploadBelowTheMinimumRateIsCutOff) {
  BlobNode node;
  node.config.limits.blob_grace = 100ms;
  node.config.limits.blob_bytes_per_second = 1'000'000;
  node.start();
  RawConnection slow(node.port());
  const Hash hash = sha256(data_of(1 << 20));
  slow.send(headers("PUT", hash, 1 << 20) + "Content-Length: 1048576\r\n\r\nsome");
  EXPECT_TRUE(slow.closes());
  node.expect_empty_store();
}

TEST(BlobRoutes, ABrokenUploadReleasesItsSpace) {
  BlobNode node;
  node.start();
  const Hash hash = sha256(data_of(1 << 20));
  {
    RawConnection broken(node.port());
    broken.send(headers("PUT", hash, 1 << 20) + "Content-Length: 1048576\r\n\r\nsome");
    const auto start = std::chrono::steady_clock::now();
    while (node.store->used_bytes() == 0) {
      ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience);
    }
  }
  node.expect_empty_store();
}

}  // namespace
}  // namespace bourse::rpc::test
