// SPDX-License-Identifier: Apache-2.0
//
// Goal: job data goes to the parties of its job and to nobody else, whatever hashes a stranger puts
// into a job of his own. Method: a market with a job that has run to its review, a real blob store,
// and requests signed by everybody.
#include "rpc/blob_rules.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "market/job_spec.hpp"
#include "market/result.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/world.hpp"

namespace bourse::rpc {
namespace {

using test::address_of;
using test::secret_of;

/// The rules ask nothing of the engine, so this one makes no blocks.
class NoEngine : public chain::Engine {
 public:
  Result<void> start() override { return {}; }
  void stop() override {}
  std::vector<Result<Hash>> submit_all(std::vector<Bytes> raws) override {
    return std::vector<Result<Hash>>(raws.size(), Error{"engine_not_running", ""});
  }
  chain::EngineStatus status() const override { return {}; }
  Nonce next_nonce(const Address&) const override { return {}; }
  Result<chain::Inclusion> find(const Hash&) const override { return Error{"tx_not_found", ""}; }
  Result<std::vector<chain::Occurrence>> history(const chain::Subject&,
                                                 const chain::HistoryRange&) const override {
    return std::vector<chain::Occurrence>{};
  }
  void on_block(std::function<void(const chain::Block&)>) override {}
};

market::JobTerms terms_for(const Hash& spec) {
  market::JobTerms terms;
  terms.spec = spec;
  terms.runtime = test::hash_of("runtime");
  terms.bundle = {1000, 100, 100, 0};
  terms.run_seconds = 60;
  terms.review = seconds(600);
  terms.match_within = seconds(600);
  terms.price_max = Amount(1000);
  return terms;
}

class BlobRules : public ::testing::Test {
 protected:
  BlobRules()
      : world_(test::test_genesis(test::free_params(),
                                  {{"alice", 1'000'000}, {"bob", 1'000'000}, {"eve", 1'000'000}})) {
    chain::StoreConfig config;
    config.directory = dir_ / "store";
    config.anchor = dir_ / "anchor";
    store_ = chain::Store::open(config).value();
    blobs_ = BlobStore::open(dir_ / "blobs", {}).value();
    backend_.emplace(Backend{engine_,
                             *store_,
                             world_.market(),
                             *blobs_,
                             test::hash_of("chain"),
                             JsonStyle{},
                             test::consensus_seed(),
                             seconds(3600),
                             1 << 20,
                             [this] { return world_.now(); },
                             {}});
    provider_ = world_.next_id<ProviderId>("bob");
    run("bob",
        market::ProviderRegister{address_of("bob_agent"), address_of("bob"), "", Amount(100'000)});
    market::OfferTerms offer;
    offer.runtimes = std::vector{test::hash_of("runtime")};
    offer.capacity = {8000, 8000, 8000, 0};
    offer.prices.start_fee = Amount(100);
    offer.lifetime = seconds(3600);
    run("bob", market::OfferCreate{provider_, offer});
  }

  template <class T>
  void run(const std::string& sender, const T& tx) {
    ASSERT_EQ(world_.run(sender, tx), 0) << T::name;
    world_.settle();
  }

  Hash store(const std::string& owner, ByteView data) {
    auto upload = blobs_->begin(sha256(data), data.size(), address_of(owner), 1 << 20,
                                world_.now() + seconds(3600));
    EXPECT_TRUE(upload.has_value() && (*upload)->write(data) && (*upload)->finish());
    return sha256(data);
  }

  /// A spec that names one input.
  Bytes spec_with(const Hash& input, std::uint64_t size, const std::string& command = "true") {
    market::JobSpec spec;
    spec.command = {command};
    spec.inputs = {{"data", false, size, input}};
    return encode(spec);
  }

  JobId submit(const std::string& owner, const Hash& spec) {
    const JobId job = world_.next_id<JobId>(owner);
    run(owner, market::JobSubmit{terms_for(spec)});
    return job;
  }

  /// Bob's agent works on the job's only task and reveals `blob` as its result.
  void serve(const JobId& job, const Hash& blob) {
    const AssignmentId id = market::assignment_id(market::task_id(job, 0), 0);
    const Hash digest = test::hash_of("digest");
    const Hash salt = test::hash_of("salt");
    run("bob", market::AssignmentAccept{id});
    run("bob", market::AssignmentCommit{id, market::commitment(id, provider_, digest, salt)});
    const auto receipt =
        market::sign_receipt(blob, 4, world_.now() + seconds(86400), test::consensus_seed());
    run("bob", market::AssignmentReveal{id, digest, salt, receipt});
  }

  std::string ask(const std::string& who, const std::string& method, const Hash& hash,
                  const std::optional<JobId>& job, DurationMs lifetime = seconds(60)) {
    BlobRequest request{method, hash, 4, job, world_.now() + lifetime, backend_->chain_id};
    const Signature signature = sign_blob_request(secret_of(who), request);
    const auto grant = authorise_blob(*backend_, request, address_of(who), signature);
    return grant ? "granted" : grant.error().kind;
  }

  test::TempDir dir_;
  test::World world_;
  NoEngine engine_;
  std::unique_ptr<chain::Store> store_;
  std::unique_ptr<BlobStore> blobs_;
  std::optional<Backend> backend_;
  ProviderId provider_;
};

TEST_F(BlobRules, PartiesOfAJobReadWhatIsTheirs) {
  const Hash input = store("alice", as_bytes("data"));
  const Hash spec = store("alice", spec_with(input, 4));
  const JobId job = submit("alice", spec);
  for (const char* who : {"alice", "bob", "bob_agent"}) {
    EXPECT_EQ(ask(who, "GET", spec, job), "granted") << who;
    EXPECT_EQ(ask(who, "GET", input, job), "granted") << who;
  }
  EXPECT_EQ(ask("eve", "GET", input, job), "not_your_blob");
  EXPECT_EQ(ask("alice", "GET", input, std::nullopt), "job_not_found");
  EXPECT_EQ(ask("alice", "GET", input, JobId{}), "job_not_found");
  const Hash result = store("bob_agent", as_bytes("done"));
  EXPECT_EQ(ask("alice", "GET", result, job), "not_your_blob") << "before it is revealed";
  serve(job, result);
  EXPECT_EQ(ask("alice", "GET", result, job), "granted");
  EXPECT_EQ(ask("eve", "GET", result, job), "not_your_blob");
  EXPECT_EQ(ask("bob_agent", "GET", input, job), "not_your_blob") << "once its work is over";
}

TEST_F(BlobRules, NamingAHashGivesNoRightToTheData) {
  const Hash secret = store("alice", as_bytes("data"));
  const Hash alices_spec = store("alice", spec_with(secret, 4, "alice"));
  // Eve's own spec names Alice's data as its input, and another job of hers names Alice's spec.
  const JobId by_input = submit("eve", store("eve", spec_with(secret, 4)));
  EXPECT_EQ(ask("eve", "GET", secret, by_input), "not_your_blob");
  EXPECT_EQ(ask("bob_agent", "GET", secret, by_input), "not_your_blob");
  const JobId by_spec = submit("eve", alices_spec);
  EXPECT_EQ(ask("eve", "GET", alices_spec, by_spec), "not_your_blob");
  EXPECT_EQ(ask("eve", "GET", secret, by_spec), "not_your_blob");
}

TEST_F(BlobRules, RevealingWithAForeignReceiptGivesNoRightToTheData) {
  const Hash foreign = store("alice", as_bytes("data"));
  const JobId job = submit("eve", store("eve", spec_with(foreign, 4)));
  serve(job, foreign);
  EXPECT_EQ(ask("eve", "GET", foreign, job), "not_your_blob");
}

TEST_F(BlobRules, RequestsExpireWithinTenMinutesAndAreSigned) {
  const Hash blob = test::hash_of("blob");
  EXPECT_EQ(ask("alice", "PUT", blob, std::nullopt, seconds(600)), "granted");
  EXPECT_EQ(ask("alice", "PUT", blob, std::nullopt, DurationMs(600'001)), "request_expired");
  EXPECT_EQ(ask("nobody", "PUT", blob, std::nullopt), "balance_too_low");
  EXPECT_EQ(ask("bob_agent", "PUT", blob, std::nullopt), "granted") << "its owner's bond backs it";
  BlobRequest request{"PUT", blob, 4, std::nullopt, world_.now() + seconds(60), backend_->chain_id};
  const Signature signature = sign_blob_request(secret_of("alice"), request);
  request.size = 5;
  EXPECT_EQ(authorise_blob(*backend_, request, address_of("alice"), signature).error().kind,
            "signature_invalid");
}

}  // namespace
}  // namespace bourse::rpc
