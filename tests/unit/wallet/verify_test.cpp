// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever a node says, the wallet shows only what the chain's validator has signed. Method:
// a World whose blocks are sealed by its validator, behind a real server that tells the truth or
// one lie at a time.
#include "wallet/verify.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "tests/support/world.hpp"
#include "tests/unit/rpc/rpc_rig.hpp"

namespace bourse::wallet {
namespace {

using market::ProvedRecord;
using test::address_of;

/// The header that carries `root`, signed.
SignedHeader seal(const market::Genesis& genesis, std::uint64_t height, const Hash& root,
                  const SecretKey& seed = test::consensus_seed()) {
  SignedHeader out;
  out.header.protocol = 1;
  out.header.chain_id = market::chain_id(genesis);
  out.header.height = Height(height);
  out.header.time = genesis.time + seconds(height);
  out.header.state_root = root;
  out.header.proposer = ed25519_public(seed);
  out.hash = chain::header_hash(out.header);
  out.signature = ed25519_sign(seed, out.hash.bytes);
  return out;
}

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() : world_(test::test_genesis(test::free_params(), {{"alice", 1000}, {"bob", 5}})) {
    for (int i = 0; i < 5; ++i) {
      world_.run("alice", market::Transfer{address_of("carol"), Amount(1)});
    }
    genesis_ = world_.market().genesis();
    for (std::uint64_t h = 1; h <= world_.height(); ++h) {
      headers_[h + 1] = seal(genesis_, h + 1, world_.roots().at(h - 1));
    }
    node_.methods.add("node_getStatus", {}, [this](const Json&) -> rpc::RpcResult {
      return Json{{"network", "dev"}, {"chain_id", to_json(market::chain_id(genesis_), style_)}};
    });
    node_.methods.add("chain_getGenesis", {}, [this](const Json&) -> rpc::RpcResult {
      return Json{{"genesis", to_json(genesis_, style_)}};
    });
    node_.methods.add("chain_getHeader", {"height"}, [this](const Json& params) -> rpc::RpcResult {
      const auto found = headers_.find(std::stoull(params["height"].get<std::string>()));
      if (found == headers_.end()) return rpc::RpcError(Error{"block_not_found", "none yet"});
      return rpc::RpcResult(boost::system::in_place_value, to_json(found->second, style_));
    });
    node_.start();
    rpc::ClientConfig config;
    config.url = node_.url();
    link_.emplace(NodeLink::open(std::move(config)).value());
    chain_ = market::chain_id(world_.market().genesis());
  }

  ProvedRecord prove(const std::string& name) {
    return world_.market().prove("account", address_of(name).bytes).value();
  }
  /// "ok", or the kind of the error.
  std::string verdict(const ProvedRecord& proved) {
    const auto verified = verify(*link_, chain_, proved);
    return verified ? "ok" : verified.error().kind;
  }
  SignedHeader& last() { return headers_.at(world_.height() + 1); }

  const JsonStyle style_{Network::dev};
  test::World world_;
  market::Genesis genesis_;
  std::map<std::uint64_t, SignedHeader> headers_;
  rpc::test::Node node_;
  std::optional<NodeLink> link_;
  Hash chain_;
};

TEST_F(VerifyTest, AcceptsWhatIsThereAndWhatIsNot) {
  EXPECT_TRUE(prove("carol").record);
  EXPECT_EQ(verdict(prove("carol")), "ok");
  EXPECT_FALSE(prove("nobody").record);
  EXPECT_EQ(verdict(prove("nobody")), "ok");
}

TEST_F(VerifyTest, TakesTheHeaderBeforeWhenNoBlockFollows) {
  // An empty block carries the root that the state has before and after it.
  world_.block();
  EXPECT_EQ(prove("carol").height, Height(world_.height()));
  EXPECT_FALSE(headers_.contains(world_.height() + 1));
  EXPECT_EQ(verdict(prove("carol")), "ok");
}

TEST_F(VerifyTest, RefusesAnotherRecordKeyOrProof) {
  ProvedRecord lie = prove("carol");
  lie.record = prove("alice").record;
  EXPECT_EQ(verdict(lie), "proof_root_mismatch");
  lie = prove("carol");
  lie.record.reset();
  EXPECT_EQ(verdict(lie), "proof_malformed");
  lie = prove("carol");
  lie.key = prove("alice").key;
  EXPECT_EQ(verdict(lie), "proof_of_other_fact");
  lie = prove("carol");
  lie.table = "job";
  EXPECT_EQ(verdict(lie), "proof_of_other_fact");
  lie = prove("carol");
  lie.proof = prove("alice").proof;
  EXPECT_NE(verdict(lie), "ok");
  lie = prove("carol");
  lie.height = Height(2);
  EXPECT_EQ(verdict(lie), "proof_root_mismatch");
  lie.height = Height(UINT64_MAX);
  EXPECT_EQ(verdict(lie), "proof_malformed");
}

TEST_F(VerifyTest, RefusesAnotherGenesis) {
  genesis_.accounts[0].balance += Amount(1);
  EXPECT_EQ(verdict(prove("carol")), "wrong_chain");
}

TEST_F(VerifyTest, RefusesHeadersThatTheValidatorDidNotSign) {
  const ProvedRecord proved = prove("carol");
  const SignedHeader good = last();
  const std::uint64_t height = world_.height() + 1;
  last() = seal(genesis_, height, good.header.state_root, test::secret_of("impostor"));
  EXPECT_EQ(verdict(proved), "header_untrusted");
  last() = seal(genesis_, height + 1, good.header.state_root);
  EXPECT_EQ(verdict(proved), "header_untrusted") << "of another height";
  last() = good;
  last().header.time = last().header.time + seconds(1);
  EXPECT_EQ(verdict(proved), "header_untrusted") << "changed after it was hashed";
  last().hash = chain::header_hash(last().header);
  EXPECT_EQ(verdict(proved), "header_untrusted") << "changed after it was signed";
  last() = good;
  last().signature.bytes[0] ^= 1;
  EXPECT_EQ(verdict(proved), "header_untrusted");
  market::Genesis other = genesis_;
  other.name = "another";
  last() = seal(other, height, good.header.state_root);
  EXPECT_EQ(verdict(proved), "header_untrusted") << "of another chain";
  last() = good;
  EXPECT_EQ(verdict(proved), "ok");
}

}  // namespace
}  // namespace bourse::wallet
