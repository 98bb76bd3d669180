// SPDX-License-Identifier: Apache-2.0
//
// Who may store and fetch job data: an account keeps blobs within a quota that its balance gives
// it; a job's requester reads everything of the job, and a provider that works on it its inputs.
// SPEC 6.3.
#pragma once

#include "rpc/backend.hpp"
#include "rpc/server.hpp"

namespace bourse::rpc {

/// What the signer of `request` is granted. Error kinds: signature_invalid, request_expired,
/// balance_too_low, job_not_found, not_your_blob.
Result<BlobGrant> authorise_blob(const Backend& backend, BlobRequest request, const Address& key,
                                 const Signature& signature);

}  // namespace bourse::rpc
