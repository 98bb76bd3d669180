// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/crypto.hpp"
#include "market/job_spec.hpp"
#include "rpc/dev_sender.hpp"
#include "rpc/methods.hpp"

namespace bourse::rpc {
namespace {

struct TextFile {
  std::string path;
  std::string text;

  static constexpr auto fields() {
    return std::tuple{field("path", &TextFile::path, "Where it appears below /in."),
                      field("text", &TextFile::text, "Its content.")};
  }
};

struct Params {
  std::vector<std::string> command;
  std::optional<std::vector<TextFile>> inputs;
  std::optional<Hash> runtime;
  std::optional<Amount> price_max;
  std::optional<std::uint32_t> run_seconds;
  std::optional<std::uint32_t> replicas_max;
  std::optional<std::uint32_t> margin;
  std::optional<market::Bundle> bundle;

  static constexpr auto fields() {
    return std::tuple{
        field("command", &Params::command, "Program and arguments."),
        field("inputs", &Params::inputs, "Small text files below /in."),
        field("runtime", &Params::runtime, "Root file system; that of the newest offer if absent."),
        field("price_max", &Params::price_max, "Grains for one replica; 1 BRS if absent."),
        field("run_seconds", &Params::run_seconds, "Time limit; 60 if absent."),
        field("replicas_max", &Params::replicas_max, "Most results; 3 if absent."),
        field("margin", &Params::margin, "Lead that a result needs; 1 if absent."),
        field("bundle", &Params::bundle, "Resources; 1 vCPU, 256 MiB, 256 MiB disk if absent.")};
  }
};

struct Reply {
  JobId job;
  Hash id;
  std::string summary;

  static constexpr auto fields() {
    return std::tuple{field("job", &Reply::job, "Id of the job, for job_get."),
                      field("id", &Reply::id, "Id of the transaction."),
                      field("summary", &Reply::summary, "What will happen, in plain words.")};
  }
};

Result<void> store(const Backend& backend, ByteView data, const Address& owner) {
  TRY_ASSIGN(const auto upload, backend.blobs.begin(sha256(data), data.size(), owner, UINT64_MAX,
                                                    backend.now() + backend.blob_retention));
  TRY(upload->write(data));
  TRY(upload->finish());
  return {};
}

Result<Hash> newest_runtime(const market::State& state) {
  const auto& offers = state.table<market::Offer>();
  for (std::uint32_t i = offers.size(); i > 0; --i) {
    const market::Offer& offer = offers.at(i - 1);
    if (offer.state == market::OfferState::open) return offer.terms.runtimes->front();
  }
  return Error{"runtime_missing", "no offer stands, so there is no runtime to choose; name one"};
}

Result<Reply> call(const Params& params, const Backend& backend) {
  const auto state = backend.market.snapshot();
  TRY_ASSIGN(const Address owner, public_key(backend.dev_keys.front()));
  market::JobSpec spec;
  spec.command = params.command;
  for (const TextFile& file : params.inputs.value_or(std::vector<TextFile>{})) {
    TRY(store(backend, as_bytes(file.text), owner));
    spec.inputs.push_back({file.path, false, file.text.size(), sha256(as_bytes(file.text))});
  }
  std::sort(spec.inputs.begin(), spec.inputs.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  market::JobTerms terms;
  if (params.runtime) {
    terms.runtime = *params.runtime;
  } else {
    TRY_ASSIGN(terms.runtime, newest_runtime(*state));
  }
  terms.bundle = params.bundle.value_or(market::Bundle{1000, 256, 256, 0});
  terms.price_max = params.price_max.value_or(Amount(kGrainsPerBrs));
  terms.run_seconds = params.run_seconds.value_or(60);
  terms.replicas_max = params.replicas_max.value_or(3);
  terms.margin = params.margin.value_or(1);
  terms.review = seconds(10);
  terms.match_within = seconds(600);
  TRY_ASSIGN(const market::PreparedJob job, market::prepare_job(*state, spec, terms));
  TRY(store(backend, job.spec_blob, owner));
  TRY_ASSIGN(const DevSent sent, send_from_dev_account(backend, {job.operation}));
  return Reply{JobId{market::object_id(sent.sender, sent.nonce, 0).bytes}, sent.id, job.summary};
}

}  // namespace

Method dev_submit_job() {
  return method<Params, Reply>(
      "dev_submitJob", "Submits a job from the dev chain's first account: all in one call.", call);
}

}  // namespace bourse::rpc
