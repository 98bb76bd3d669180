// SPDX-License-Identifier: Apache-2.0
#include "rpc/blob_rules.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>

#include "market/job_spec.hpp"

namespace bourse::rpc {
namespace {

/// A request names an expiry at most this far ahead.
constexpr DurationMs kRequestLifetimeMax = seconds(10 * 60);

/// Calls visit(provider) for the providers whose agent or owner `key` is.
template <class Visit>
void for_each_provider_of(const market::State& state, const Address& key, Visit&& visit) {
  const auto& providers = state.table<market::Provider>();
  for (std::uint32_t i = 0; i < providers.size(); ++i) {
    const market::Provider& provider = providers.at(i);
    if (provider.agent_key == key || provider.owner == key) visit(provider);
  }
}

/// An agent's key holds next to nothing, so it may also use what its owner's balance and bond give.
Amount backing(const market::State& state, const Address& key) {
  const auto balance_of = [&](const Address& address) {
    const market::Account* account = state.get<market::Account>(address);
    return account ? account->balance : Amount{};
  };
  Amount most = balance_of(key);
  for_each_provider_of(state, key, [&](const market::Provider& provider) {
    most = std::max(most, balance_of(provider.owner) + provider.bond_free);
  });
  return most;
}

bool works_on(const market::State& state, const Address& key, const JobId& job) {
  bool found = false;
  for_each_provider_of(state, key, [&](const market::Provider& provider) {
    for (const AssignmentId& id : provider.assignments) {
      found = found || state.get<market::Assignment>(id)->job == job;
    }
  });
  return found;
}

Result<Bytes> read_all(const BlobStore& blobs, const Hash& hash, std::size_t max_bytes) {
  TRY_ASSIGN(const BlobStore::File file, blobs.read(hash));
  if (file.size > max_bytes) return Error{"blob_too_large", "the blob is larger than it may be"};
  Bytes content(static_cast<std::size_t>(file.size));
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::pread(file.fd.get(), content.data() + done, content.size() - done,
                                  static_cast<off_t>(done));
    if (count <= 0) return Error{"blob_not_found", "the blob cannot be read"};
    done += static_cast<std::size_t>(count);
  }
  return content;
}

/// Whether the blob is the job's spec or an input of it, and the requester's own: a job that names
/// the hash of somebody else's data gives nobody a right to it.
bool is_input(const Backend& backend, const market::Job& job, const Hash& hash) {
  if (!backend.blobs.is_held_by(hash, job.owner)) return false;
  if (hash == job.terms.spec) return true;
  const auto blob = read_all(backend.blobs, job.terms.spec, market::kSpecBytesMax);
  if (!blob) return false;
  const auto spec = market::decode_spec(*blob);
  if (!spec) return false;
  return std::any_of(spec->inputs.begin(), spec->inputs.end(),
                     [&](const market::InputFile& input) { return input.sha256 == hash; });
}

/// Whether the blob is a result of the job that its provider has stored itself. Receipts are
/// public, so revealing with another's proves nothing about who may read.
bool is_result(const Backend& backend, const market::State& state, const market::Job& job,
               const Hash& hash) {
  for (std::uint32_t i = 0; i < job.terms.tasks; ++i) {
    const market::Task& task = *state.get<market::Task>(market::task_id(job.id, i));
    for (std::uint32_t k = 0; k < task.attempts; ++k) {
      const AssignmentId id = market::assignment_id(task.id, k);
      const market::Assignment& assignment = *state.get<market::Assignment>(id);
      if (assignment.result != hash) continue;
      const market::Provider& provider = *state.get<market::Provider>(assignment.provider);
      if (backend.blobs.is_held_by(hash, provider.agent_key) ||
          backend.blobs.is_held_by(hash, provider.owner)) {
        return true;
      }
    }
  }
  return false;
}

Result<BlobGrant> grant_read(const Backend& backend, const market::State& state,
                             const BlobRequest& request, const Address& key) {
  const market::Job* job = request.job ? state.get<market::Job>(*request.job) : nullptr;
  if (!job) return market::to_error(market::TxError::job_not_found);
  const bool may_read =
      job->owner == key
          ? is_input(backend, *job, request.hash) || is_result(backend, state, *job, request.hash)
          : works_on(state, key, job->id) && is_input(backend, *job, request.hash);
  if (!may_read) {
    return Error{"not_your_blob",
                 "only the job's requester, and for inputs the providers that "
                 "work on it, may read this"};
  }
  return BlobGrant{};
}

}  // namespace

Result<BlobGrant> authorise_blob(const Backend& backend, BlobRequest request, const Address& key,
                                 const Signature& signature) {
  const TimeMs now = backend.now();
  if (request.valid_until < now || elapsed(now, request.valid_until) > kRequestLifetimeMax) {
    return Error{"request_expired", "the signature must expire within the next ten minutes"};
  }
  request.chain_id = backend.chain_id;
  if (!verify_blob_request(key, request, signature)) {
    return Error{"signature_invalid", "the signature does not fit the request on this chain"};
  }
  const auto state = backend.market.snapshot();
  if (request.method == "GET") return grant_read(backend, *state, request, key);
  const Amount backed = backing(*state, key);
  if (backed == Amount{}) {
    return Error{"balance_too_low", "storing needs an account with a balance"};
  }
  const std::uint64_t whole = std::max<std::uint64_t>(backed.value() / kGrainsPerBrs, 1);
  return BlobGrant{whole * backend.blob_bytes_per_brs, now + backend.blob_retention};
}

}  // namespace bourse::rpc
