// SPDX-License-Identifier: Apache-2.0
//
// Who may store or fetch a blob is signed per request (SPEC 6.3). The digest binds the method,
// the content, the job that gives the right to it, an expiry and the chain, so that a signature
// seen once opens nothing else; wallet, agent and node share these few lines.
#pragma once

#include <optional>
#include <string>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::rpc {

struct BlobRequest {
  std::string method;
  Hash hash;
  std::uint64_t size = 0;
  std::optional<JobId> job;
  TimeMs valid_until;
  Hash chain_id;

  static constexpr auto fields() {
    return std::tuple{
        field("method", &BlobRequest::method, "PUT or GET."),
        field("hash", &BlobRequest::hash, "SHA-256 of the blob."),
        field("size", &BlobRequest::size, "Its length in bytes for PUT, 0 for GET."),
        field("job", &BlobRequest::job, "The job that gives the right to it."),
        field("valid_until", &BlobRequest::valid_until, "When the signature expires."),
        field("chain_id", &BlobRequest::chain_id, "The chain of the node that is asked."),
    };
  }
};

/// What is signed: the tagged hash `bourse/blob` of the request's canonical bytes.
Hash blob_digest(const BlobRequest& request);
Signature sign_blob_request(const SecretKey& secret, const BlobRequest& request);
bool verify_blob_request(const Address& key, const BlobRequest& request,
                         const Signature& signature);

/// The headers of a request as they travel: the key, its signature, and what the URL lacks.
struct BlobCredentials {
  Address key;
  TimeMs valid_until;
  Signature signature;
  std::optional<JobId> job;
};

}  // namespace bourse::rpc
