// SPDX-License-Identifier: Apache-2.0
//
// Goal: the solo engine comes back from any of its records, or refuses to go on. Method: engines
// over one directory one after another, over copies as a crash leaves them, and with programs and
// keys that are not those that made the blocks.
#include "tests/support/solo_fixture.hpp"

namespace bourse::chain {
namespace {

using test::SoloRig;
using test::SoloTest;
using test::ToyMachine;

TEST_F(SoloTest, GoesOnAfterAStop) {
  for (int i = 0; i < 7; ++i) {
    pay();
    step();
  }
  const Hash root = rig_->machine->root();
  const auto status = engine().status();
  restart();
  EXPECT_EQ(rig_->machine->root(), root);
  EXPECT_EQ(engine().status().height, status.height);
  EXPECT_EQ(engine().status().hash, status.hash);
  pay();
  EXPECT_TRUE(step());
  EXPECT_EQ(tip_block().header.previous, status.hash);
}

TEST_F(SoloTest, WritesCheckpointsAtTheirIntervalAndAtStop) {
  rig_->engine.reset();
  rig_->store.reset();
  rig_->config.checkpoint_interval_blocks = 3;
  rig_->open();
  engine().recover().value();
  for (std::uint64_t height = 1; height <= 7; ++height) {
    pay();
    step();
    const auto mark = rig_->store->checkpoint().value();
    EXPECT_EQ(mark ? mark->height.value() : 0, height / 3 * 3);
  }
  engine().stop();
  EXPECT_EQ((*rig_->store->checkpoint())->height, Height(7));
  EXPECT_EQ((*rig_->store->checkpoint())->state_root, rig_->machine->root());
  EXPECT_EQ((*rig_->store->checkpoint())->transactions, 7u);
  EXPECT_EQ(engine().submit({}).error().kind, "engine_not_running");
  EXPECT_EQ(engine().step().error().kind, "engine_not_running");
}

TEST_F(SoloTest, WhatIsExecutedAgainIsSavedOnTheWay) {
  const Hash first = pay();
  step();
  for (int i = 2; i <= 7; ++i) {
    pay();
    step();
  }
  rig_ = nullptr;
  rig_ = std::make_unique<SoloRig>(dir_.path());
  rig_->config.checkpoint_interval_blocks = 3;
  rig_->open();
  rig_->store->drop_checkpoint().value();
  engine().recover().value();
  EXPECT_EQ(engine().status().height, Height(7));
  EXPECT_EQ((*rig_->store->checkpoint())->height, Height(6));
  EXPECT_EQ(engine().find(first)->height, Height(1));
}

TEST_F(SoloTest, AProofBlockIsStillMadeAfterARestart) {
  pay();
  step();
  restart();
  pass(1000);
  EXPECT_TRUE(step());
  EXPECT_FALSE(step());
}

TEST_F(SoloTest, AnotherConsensusKeyIsRefused) {
  pay();
  step();
  const auto result = try_restart(nullptr, 8);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().kind, "wrong_consensus_key");
}

class GenerousMachine : public ToyMachine {
 public:
  using ToyMachine::ToyMachine;
  BlockOutcome finalize(const BlockContext& context, std::span<const VerifiedTx> txs) override {
    BlockOutcome out = ToyMachine::finalize(context, txs);
    for (Receipt& receipt : out.receipts) receipt.fee = Amount(0);
    out.receipts_root = receipts_root(out.receipts, out.events);
    return out;
  }
};

class ForgetfulMachine : public ToyMachine {
 public:
  using ToyMachine::ToyMachine;
  Hash root() override { return tagged_hash("other", ToyMachine::root().bytes); }
};

/// Leaves a chain whose only checkpoint is missing, as a crash does.
class CrashedTest : public SoloTest {
 protected:
  void SetUp() override {
    SoloTest::SetUp();
    pay();
    step();
    pay();
    step();
    copy_ = dir_ / "crashed";
    std::filesystem::create_directory(copy_);
    std::filesystem::copy(dir_ / "db", copy_ / "db", std::filesystem::copy_options::recursive);
    std::filesystem::copy(dir_ / "anchor", copy_ / "anchor");
  }
  Result<void> recover(std::unique_ptr<ToyMachine> machine) {
    crashed_ = std::make_unique<SoloRig>(copy_, std::move(machine));
    crashed_->open();
    return crashed_->engine->recover();
  }
  std::filesystem::path copy_;
  std::unique_ptr<SoloRig> crashed_;
};

TEST_F(CrashedTest, TheSameProgramGoesOn) {
  EXPECT_TRUE(recover(nullptr));
  EXPECT_EQ(crashed_->machine->root(), rig_->machine->root());
  EXPECT_EQ(crashed_->engine->status().transactions, 2u);
  EXPECT_EQ(
      crashed_->engine->find(tx_id(crashed_->store->block(Height(2))->transactions[0]))->height,
      Height(2));
}

TEST_F(CrashedTest, AnAuditWritesNothing) {
  crashed_ = std::make_unique<SoloRig>(copy_);
  crashed_->open();
  crashed_->engine->recover(SoloEngine::Trust::nothing).value();
  EXPECT_EQ(crashed_->machine->root(), rig_->machine->root());
  EXPECT_EQ(crashed_->engine->status().transactions, 2u);
  EXPECT_EQ(crashed_->engine->submit({}).error().kind, "engine_not_running");
  crashed_->engine->stop();
  EXPECT_FALSE(crashed_->store->checkpoint().value());
}

TEST_F(CrashedTest, AProgramWithOtherReceiptsStops) {
  const auto result = recover(std::make_unique<GenerousMachine>(test::rich_users()));
  EXPECT_EQ(result.error().kind, "replay_mismatch");
  EXPECT_EQ(crashed_->engine->step().error().kind, "engine_not_running");
}

TEST_F(CrashedTest, StoredReceiptsAndEventsAreTheOnesThatComeOut) {
  const auto recover_with = [&](const std::string& name, const auto& change) {
    SoloRig other(dir_ / name);
    other.open();
    Block block = rig_->store->block(Height(1)).value();
    change(block);
    other.store->append(block).value();
    return other.engine->recover();
  };
  EXPECT_TRUE(recover_with("same", [](Block&) {}));
  const auto receipts = recover_with(
      "receipts", [](Block& block) { block.receipts[0].fee = block.receipts[0].fee + Amount(1); });
  EXPECT_EQ(receipts.error().kind, "replay_mismatch");
  const auto events = recover_with("events", [](Block& block) { block.events.push_back({7}); });
  EXPECT_EQ(events.error().kind, "replay_mismatch");
}

TEST_F(CrashedTest, AProgramWithOtherRootsStops) {
  const auto result = recover(std::make_unique<ForgetfulMachine>(test::rich_users()));
  EXPECT_EQ(result.error().kind, "replay_mismatch");
}

TEST_F(CrashedTest, AnotherGenesisStops) {
  const auto result = recover(std::make_unique<ToyMachine>(std::vector{alice_.address}));
  EXPECT_EQ(result.error().kind, "replay_mismatch");
}

TEST_F(SoloTest, AProgramWithOtherRootsIsFoundOutWhateverTheCheckpoint) {
  pay();
  step();
  engine().stop();
  const auto result = try_restart(std::make_unique<ForgetfulMachine>(test::rich_users()));
  EXPECT_EQ(result.error().kind, "replay_mismatch");
}

TEST_F(SoloTest, ADamagedCheckpointIsMadeAgain) {
  const Hash id = pay();
  step();
  const Hash root = rig_->machine->root();
  engine().stop();
  // One that says something else than the blocks.
  const Rows rows = [](const RowSink& sink) { return sink(as_bytes("all"), Bytes{1, 2, 3}); };
  const Rows none = [](const RowSink&) { return Result<void>{}; };
  ASSERT_TRUE(rig_->store->write_checkpoint({Height(1), root, 1}, rows, none));
  restart();
  EXPECT_EQ(rig_->machine->root(), root);
  EXPECT_EQ(engine().find(id)->height, Height(1));
  EXPECT_EQ(engine().status().transactions, 1u);
}

TEST_F(SoloTest, AFailedWriteStopsTheEngineForGood) {
  rig_->engine.reset();
  rig_->store.reset();
  std::vector<std::string> fatal;
  rig_->config.on_fatal = [&](const Error& error) { fatal.push_back(error.kind); };
  std::filesystem::create_directory(dir_ / "gone");
  rig_->store_config.anchor = dir_ / "gone/anchor";
  rig_->open();
  engine().recover().value();
  std::filesystem::remove(dir_ / "gone");
  const Hash id = pay();
  EXPECT_EQ(engine().step().error().kind, "store_failed");
  EXPECT_EQ(fatal, (std::vector<std::string>{"store_failed"}));
  EXPECT_EQ(engine().status().failure->kind, "store_failed");
  EXPECT_FALSE(engine().status().running);
  EXPECT_EQ(engine().submit({}).error().kind, "store_failed");
  EXPECT_EQ(engine().step().error().kind, "store_failed");
  EXPECT_EQ(engine().find(id).error().kind, "tx_waiting") << "nobody is told of a failed block";
  EXPECT_EQ(rig_->machine->account(alice_.address).nonce, Nonce(0));
  EXPECT_EQ(fatal.size(), 1u);
}

}  // namespace
}  // namespace bourse::chain
