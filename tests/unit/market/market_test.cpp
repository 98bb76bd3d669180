// SPDX-License-Identifier: Apache-2.0
//
// Goal: the market keeps the promises of the seam (chain/state_machine.hpp): all or nothing,
// snapshots that never change, checkpoints that are whole or refused, blocks within their limits.
// Method: a World with work in every state, and a comparison of every record before and after.
#include "market/market.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "tests/support/world.hpp"

namespace bourse::market {
namespace {

using test::address_of;
using test::hash_of;
using test::World;

/// All records of a state, by table and key.
std::map<std::string, Bytes> dump(const State& state) {
  std::map<std::string, Bytes> out;
  const auto add = [&]<class Record>(const chain::Table<Record>& table) {
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      const Record& record = table.at(i);
      out[std::string(Record::table) + " " + to_hex(record.key().bytes)] = encode(record);
    }
  };
  std::apply([&](const auto&... tables) { (add(tables), ...); }, state.tables);
  return out;
}

/// Names of the records that differ.
std::set<std::string> difference(const std::map<std::string, Bytes>& a,
                                 const std::map<std::string, Bytes>& b) {
  std::set<std::string> out;
  for (const auto& [name, bytes] : a) {
    if (const auto other = b.find(name); other == b.end() || other->second != bytes) {
      out.insert(name);
    }
  }
  for (const auto& [name, bytes] : b) {
    if (!a.contains(name)) out.insert(name);
  }
  return out;
}

std::string account_name(const std::string& name) {
  return "account " + to_hex(address_of(name).bytes);
}
const std::string kGlobalsName = "globals 0000000000000000";

OfferTerms machine() {
  OfferTerms terms;
  terms.runtimes = std::vector{hash_of("debian")};
  terms.capacity = {4000, 4000, 4000, 0};
  terms.prices.start_fee = Amount(100);
  terms.lifetime = seconds(7 * 24 * 3600);
  return terms;
}

JobTerms job() {
  JobTerms terms;
  terms.spec = hash_of("spec");
  terms.runtime = hash_of("debian");
  terms.bundle = {1000, 1000, 1000, 0};
  terms.run_seconds = 60;
  terms.match_within = seconds(3600);
  terms.price_max = Amount(100);
  return terms;
}

/// Two providers, one task running and one waiting.
struct Busy {
  World world;
  ProviderId bob;
  ProviderId carol;
  OfferId offer;
  JobId running;
  JobId waiting;

  explicit Busy(Params params = test::free_params())
      : world(test::test_genesis(
            params, {{"alice", 1'000'000}, {"bob", 1'000'000}, {"carol", 1'000'000}})) {
    const auto enrol = [&](const std::string& name) {
      const auto id = world.next_id<ProviderId>(name);
      EXPECT_EQ(
          world.run(name, ProviderRegister{address_of(name), address_of(name), "", Amount(999)}),
          0);
      return id;
    };
    bob = enrol("bob");
    carol = enrol("carol");
    offer = world.next_id<OfferId>("bob");
    EXPECT_EQ(world.run("bob", OfferCreate{bob, machine()}), 0);
    running = world.next_id<JobId>("alice");
    EXPECT_EQ(world.run("alice", JobSubmit{job()}), 0);
    waiting = world.next_id<JobId>("alice");
    JobTerms dear = job();
    dear.price_max = Amount(1);
    EXPECT_EQ(world.run("alice", JobSubmit{dear}), 0);
    world.settle();
  }
  AssignmentId replica() const { return assignment_id(task_id(running, 0), 0); }
};

TEST(Undo, AFailedTransactionLeavesNothingButItsNonceAndFee) {
  Params params = test::free_params();
  params.fee_per_weight = Amount(1);
  Busy busy(params);
  const Transfer too_much{address_of("bob"), Amount(10'000'000)};
  const std::vector<std::pair<std::string, std::vector<chain::Operation>>> attempts = {
      {"alice", {to_operation(Transfer{address_of("new"), Amount(5)})}},
      {"alice", {to_operation(JobSubmit{job()}), to_operation(JobSubmit{job()})}},
      {"alice", {to_operation(JobCancel{busy.running}), to_operation(JobCancel{busy.waiting})}},
      {"alice",
       {to_operation(ProviderRegister{address_of("x"), address_of("y"), "eu", Amount(5)})}},
      {"bob",
       {to_operation(AssignmentAccept{busy.replica()}),
        to_operation(AssignmentFail{busy.replica(), FailReason::shutting_down})}},
      {"bob",
       {to_operation(AssignmentAccept{busy.replica()}),
        to_operation(AssignmentCommit{busy.replica(), hash_of("x")})}},
      {"bob",
       {to_operation(ProviderUnbond{busy.bob, Amount(5)}),
        to_operation(ProviderBond{busy.bob, Amount(6)}),
        to_operation(ProviderUpdate{busy.bob, address_of("x"), address_of("y")}),
        to_operation(OfferChange{busy.offer, machine()}),
        to_operation(OfferCreate{busy.bob, machine()}), to_operation(OfferCancel{busy.offer})}},
      {"carol", {to_operation(ProviderRetire{busy.carol})}},
  };
  for (const auto& [sender, operations] : attempts) {
    auto failing = operations;
    failing.push_back(to_operation(too_much));
    const auto before = dump(busy.world.state());
    const auto& outcome = busy.world.block({busy.world.sign(sender, failing)});
    EXPECT_EQ(outcome.receipts[0].error, static_cast<std::uint16_t>(TxError::balance_too_low));
    EXPECT_EQ(outcome.receipts[0].operation, operations.size());
    EXPECT_TRUE(outcome.events.empty());
    EXPECT_EQ(
        difference(before, dump(busy.world.state())),
        (std::set<std::string>{account_name(sender), account_name("validator"), kGlobalsName}));
    // Nor do the indexes remember it: the chain does not wake for what did not happen.
    busy.world.settle();
  }
  busy.world.run_until_idle();
  busy.world.check_replay();
}

TEST(Changes, LeaveOutARecordThatAStepBringsBackToWhatItWas) {
  const Busy busy;
  State state = busy.world.state();
  Indexes indexes = Indexes::of(state);
  Context context(state, indexes);
  const auto changed = [&] {
    return std::get<Changed<Provider>>(context.changes()).handles.size();
  };
  const auto count = [&](std::uint32_t step) {
    context.edit<Provider>(busy.bob).offers_open += step;
  };
  count(1);
  count(-1U);
  context.accept();
  EXPECT_EQ(changed(), 0u);
  count(1);
  context.accept();
  EXPECT_EQ(changed(), 1u);
  // By now the tree may have it, so a later step does not take that back.
  count(-1U);
  context.accept();
  EXPECT_EQ(changed(), 1u);
}

TEST(Snapshot, StaysAsItWasWhileTheChainGoesOn) {
  Busy busy;
  World& world = busy.world;
  std::vector<std::pair<std::shared_ptr<const State>, std::map<std::string, Bytes>>> held;
  for (int i = 0; i < 40; ++i) {
    const auto snapshot = world.market().snapshot();
    held.emplace_back(snapshot, dump(*snapshot));
    JobTerms terms = job();
    terms.tasks = 20;
    world.run("alice", JobSubmit{terms});
    world.run("alice", Transfer{address_of("friend " + std::to_string(i)), Amount(1)});
    world.wait(seconds(7));
  }
  for (const auto& [snapshot, content] : held) EXPECT_EQ(dump(*snapshot), content);
}

/// Under the address sanitizer, one who reads a record and no longer holds its state is found out
/// within some blocks: each of them frees the state before it.
TEST(Snapshot, AccountsAreReadWhileBlocksAreMade) {
  constexpr std::uint64_t kBlocks = 500;
  World world(test::test_genesis(test::free_params(), {{"alice", 1'000'000}}));
  Market market(world.market().genesis());
  market.init_chain();
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const chain::AccountView alice = market.account(address_of("alice"));
      EXPECT_EQ(alice.balance.value() + alice.nonce.value(), 1'000'000);
    }
  });
  for (std::uint64_t i = 0; i < kBlocks; ++i) {
    const auto pays = to_operation(Transfer{address_of("bob"), Amount(1)});
    const std::vector<chain::VerifiedTx> txs = {world.sign("alice", {pays}, {.nonce = i})};
    EXPECT_EQ(market.finalize({1, Height(i + 1), world.now(), {}}, txs).receipts[0].error, 0);
    market.root();
    market.commit();
  }
  stop = true;
  reader.join();
}

TEST(Root, IsLeftAloneByEmptyBlocks) {
  Busy busy;
  const Hash root = busy.world.roots().back();
  for (int i = 0; i < 3; ++i) {
    busy.world.skip(DurationMs(1));
    EXPECT_TRUE(busy.world.block().events.empty());
    EXPECT_EQ(busy.world.roots().back(), root);
  }
}

Result<void> check(const World& world, const chain::ParsedTx& tx) {
  return world.market().check({&tx, 1}).front();
}

TEST(Check, NamesTheFeeThatWouldDo) {
  Params params;
  World world(test::test_genesis(params, {{"alice", 1'000'000'000}}));
  const Transfer transfer{address_of("bob"), Amount(1)};
  const auto cheap = world.sign("alice", {to_operation(transfer)}, {.fee_limit = 1});
  const auto refused = check(world, cheap);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, "fee_limit_too_low");
  // A limit below 2^32 and from 2^16 on takes five bytes, where 1 took one.
  const std::uint64_t due = 10'000 + 10 * (cheap.raw().size() + 2);
  const auto sign = [&](std::uint64_t fee_limit) {
    return world.sign("alice", {to_operation(transfer)}, {.nonce = 0, .fee_limit = fee_limit});
  };
  EXPECT_TRUE(check(world, sign(due)));
  const std::string message = check(world, sign(due - 1)).error().message;
  EXPECT_NE(message.find(" " + std::to_string(due) + " grains"), std::string::npos) << message;
}

TEST(Check, RefusesWhatIsHeavierThanABlock) {
  Params params = test::free_params();
  params.block_weight_max = 20;
  World world(test::test_genesis(params, {{"alice", 1'000'000}}));
  const chain::Operation transfer = to_operation(Transfer{address_of("bob"), Amount(1)});
  EXPECT_TRUE(check(world, world.sign("alice", {transfer, transfer})));
  const auto heavy = check(world, world.sign("alice", {transfer, transfer, transfer}));
  ASSERT_FALSE(heavy);
  EXPECT_EQ(heavy.error().kind, "tx_too_heavy");
}

struct Candidates {
  World world;
  std::vector<chain::VerifiedTx> txs;

  explicit Candidates(const Params& params)
      : world(test::test_genesis(params, {{"alice", 100}, {"bob", 100}})) {}
  void add(const std::string& sender, const test::Envelope& envelope = {}) {
    txs.push_back(
        world.sign(sender, {to_operation(Transfer{address_of("carol"), Amount(1)})}, envelope));
  }
  std::size_t prepared() {
    const chain::BlockContext context{1, Height(1), world.now(), {}};
    return world.market().prepare(context, txs).size();
  }
};

TEST(Prepare, FillsABlockToItsWeight) {
  Params params = test::free_params();
  for (const std::uint64_t weight : {29u, 30u, 31u, 39u, 40u}) {
    params.block_weight_max = weight;
    Candidates candidates(params);
    for (int i = 0; i < 5; ++i) candidates.add("alice");
    EXPECT_EQ(candidates.prepared(), weight / 10) << weight;
  }
}

TEST(Prepare, FillsABlockToItsBytes) {
  Params params = test::free_params();
  Candidates some(params);
  for (int i = 0; i < 3; ++i) some.add("alice");
  const std::size_t bytes =
      some.txs[0].raw().size() + some.txs[1].raw().size() + some.txs[2].raw().size();
  // A genesis may not set such a limit; the State machine takes it all the same.
  for (const std::size_t limit : {bytes - 1, bytes}) {
    Genesis genesis = test::test_genesis(params, {{"alice", 100}});
    genesis.params.block_bytes_max = limit;
    Market market(genesis);
    market.init_chain();
    const chain::BlockContext context{1, Height(1), genesis.time, {}};
    EXPECT_EQ(market.prepare(context, some.txs).size(), limit == bytes ? 3u : 2u);
  }
}

TEST(Prepare, LeavesOutWhatCannotBeInTheBlock) {
  Params params = test::free_params();
  params.fee_per_weight = Amount(4);  // A transfer costs 40: each can pay for two.
  Candidates candidates(params);
  candidates.add("alice");
  candidates.add("alice", {.nonce = 0});
  candidates.add("alice", {.nonce = 2});
  candidates.add("bob", {.nonce = 0, .valid_until = TimeMs(1)});
  candidates.add("bob", {.nonce = 0, .fee_limit = 39});
  candidates.add("bob", {.nonce = 0});
  candidates.add("alice", {.nonce = 1});
  candidates.add("alice", {.nonce = 2});
  candidates.add("nobody", {.nonce = 0});
  EXPECT_EQ(candidates.prepared(), 3u);
}

TEST(Simulate, OnAChainThatHasBeenIdleForDays) {
  Busy busy;
  chain::TxBody body =
      busy.world.sign("alice", {to_operation(Transfer{address_of("bob"), Amount(1)})}).body();
  body.valid_until = busy.world.now() + seconds(5 * 24 * 3600);
  EXPECT_EQ(busy.world.market().simulate(body).error, 0);
  body.valid_until = TimeMs(UINT64_MAX);
  EXPECT_EQ(busy.world.market().simulate(body).error, 0);
  body.valid_until = TimeMs(1);
  EXPECT_EQ(busy.world.market().simulate(body).error, static_cast<std::uint16_t>(TxError::expired));
}

TEST(Simulate, ShowsTheEventsAndChangesNothing) {
  Busy busy;
  const auto before = dump(busy.world.state());
  const auto body = busy.world.sign("bob", {to_operation(AssignmentAccept{busy.replica()})}).body();
  const Simulation outcome = busy.world.market().simulate(body);
  EXPECT_EQ(outcome.error, 0);
  ASSERT_EQ(outcome.events.size(), 1u);
  EXPECT_EQ(outcome.events[0].kind, EventKind::running);
  EXPECT_EQ(dump(busy.world.state()), before);
  EXPECT_EQ(dump(*busy.world.market().snapshot()), before);
}

TEST(Fees, GoToTheValidatorThatProposedOrElseToTheFirst) {
  Params params = test::free_params();
  params.fee_per_weight = Amount(1);
  Genesis genesis = test::test_genesis(params, {{"alice", 1000}});
  const SecretKey second_seed = test::secret_of("second seed");
  genesis.validators.push_back({ed25519_public(second_seed), address_of("second")});
  Market market(genesis);
  market.init_chain();
  const Hash id = chain_id(genesis);
  const auto transfer = [&](std::uint64_t nonce) {
    chain::TxBody body;
    body.chain_id = id;
    body.sender = address_of("alice");
    body.nonce = Nonce(nonce);
    body.fee_limit = Amount(100);
    body.valid_until = genesis.time + seconds(1);
    body.operations = {to_operation(Transfer{address_of("bob"), Amount(1)})};
    return chain::verify_tx(chain::sign_tx(body, test::secret_of("alice")), id).value();
  };
  const auto make = [&](std::uint64_t height, const ConsensusKey& proposer) {
    const std::vector<chain::VerifiedTx> txs = {transfer(height - 1)};
    market.finalize({1, Height(height), genesis.time, proposer}, txs);
    market.commit();
  };
  make(1, ed25519_public(second_seed));
  EXPECT_EQ(market.account(address_of("second")).balance, Amount(10));
  EXPECT_EQ(market.account(address_of("validator")).balance, Amount(0));
  make(2, ed25519_public(test::consensus_seed()));
  make(3, ConsensusKey{});
  EXPECT_EQ(market.account(address_of("second")).balance, Amount(10));
  EXPECT_EQ(market.account(address_of("validator")).balance, Amount(20));
}

}  // namespace
}  // namespace bourse::market
