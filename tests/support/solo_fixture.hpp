// SPDX-License-Identifier: Apache-2.0
//
// A test with a solo engine that it steps by hand and can start again over the same directory.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/solo_rig.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::test {

class SoloTest : public testing::Test {
 protected:
  test::TempDir dir_;
  const ToyUser alice_{1};
  const ToyUser bob_{2};
  std::unique_ptr<SoloRig> rig_;

  void SetUp() override { restart(); }
  /// Another process over the same directory, at the same time of day.
  void restart(std::unique_ptr<ToyMachine> machine = nullptr) {
    const auto result = try_restart(std::move(machine));
    ASSERT_TRUE(result) << result.error().message;
  }
  Result<void> try_restart(std::unique_ptr<ToyMachine> machine = nullptr, std::uint8_t seed = 7) {
    const std::uint64_t now = rig_ ? rig_->now.load() : test::kRigStart.value();
    rig_.reset();
    rig_ = std::make_unique<SoloRig>(dir_.path(), std::move(machine));
    rig_->now = now;
    rig_->config.consensus_seed = *SecretKey::from(Bytes(32, seed));
    rig_->open();
    return rig_->engine->recover();
  }
  SoloEngine& engine() { return *rig_->engine; }
  bool step() { return engine().step().value(); }
  Hash pay(std::uint64_t amount = 1) {
    return rig_->send(alice_, ToyUser::pay(bob_.address, amount)).value();
  }
  void pass(std::uint64_t ms) { rig_->now += ms; }
  Block tip_block() { return rig_->store->block(engine().status().height).value(); }
};

}  // namespace bourse::test
