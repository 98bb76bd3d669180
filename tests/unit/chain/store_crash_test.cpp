// SPDX-License-Identifier: Apache-2.0
//
// Goal: no transaction that somebody was told of is lost, whatever kills the process. Method: an
// engine under load in a child process is killed at random instants over one directory, and after
// each kill the directory is opened and executed again from its first block; and a child fills a
// small file system.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cstring>
#include <fstream>
#include <random>

#include "base/codec.hpp"
#include "tests/support/child.hpp"
#include "tests/support/solo_rig.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::chain {
namespace {

namespace fs = std::filesystem;
using test::Child;
using test::SoloRig;
using test::ToyMachine;
using test::ToyUser;

/// Serves as fast as it can until it is killed; reports each transaction in a committed block.
TEST(CrashChild, DISABLED_Serve) {
  SoloRig rig(test::child_argument());
  rig.config.checkpoint_interval_blocks = 5;
  rig.config.on_fatal = [](const Error& error) { test::report("fatal " + error.kind); };
  rig.open();
  rig.engine->on_block([](const Block& block) {
    for (const Receipt& receipt : block.receipts) test::report(to_hex(receipt.tx.bytes));
  });
  rig.engine->start().value();
  test::report("serving");
  std::uint64_t amount = 0;
  for (;;) {
    for (std::uint8_t number = 1; number <= 4; ++number) {
      const ToyUser user(number);
      const ToyUser to(static_cast<std::uint8_t>(number % 4 + 1));
      rig.send(user, ToyUser::pay(to.address, ++amount % 7)).has_error();
    }
  }
}

/// Executes every block of the store again on a new machine, and returns the last root.
Hash root_from_blocks(const Store& store) {
  ToyMachine machine(test::rich_users());
  machine.init_chain();
  const std::uint64_t last = store.tip() ? store.tip()->height.value() : 0;
  for (std::uint64_t h = 1; h <= last; ++h) {
    const Block block = store.block(Height(h)).value();
    const Header& header = block.header;
    std::vector<VerifiedTx> txs;
    for (const Bytes& raw : block.transactions) {
      txs.push_back(verify_tx(raw, test::kRigChain).value());
    }
    EXPECT_EQ(machine.root(), header.state_root) << h;
    machine.finalize({header.protocol, header.height, header.time, header.proposer}, txs);
    machine.commit();
  }
  return machine.root();
}

TEST(Crash, KillingTheProcessLosesNothingThatWasTold) {
  const test::TempDir dir;
  std::mt19937 random(1);
  std::vector<Hash> told;
  std::uint64_t height = 0;
  for (int round = 0; round < 25; ++round) {
    Child child("CrashChild.DISABLED_Serve", dir.path().string());
    ASSERT_EQ(child.line(), "serving");
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(random() % 80);
    const auto note = [&](const std::string& line) {
      told.push_back(Hash::from(from_hex(line).value()).value());
    };
    while (const auto line = child.line(until)) note(*line);
    child.kill();
    while (const auto line = child.line()) note(*line);

    SoloRig rig(dir.path());
    rig.open();
    const auto recovered = rig.engine->recover();
    ASSERT_TRUE(recovered) << recovered.error().message;
    EXPECT_GE(rig.engine->status().height, Height(height));
    height = rig.engine->status().height.value();
    for (const Hash& id : told) ASSERT_TRUE(rig.engine->find(id)) << "round " << round;
    EXPECT_EQ(rig.machine->root(), root_from_blocks(*rig.store));
  }
  EXPECT_GT(told.size(), 100u);
  RecordProperty("transactions", static_cast<int>(told.size()));
}

/// A file system of a few MiB that goes with the test.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& path) : path_(path) {
    fs::create_directory(path);
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=24m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  fs::path path_;
  bool mounted_ = false;
};

Block big_block(std::uint64_t height) {
  Block block;
  block.header.height = Height(height);
  block.transactions = {Bytes(60'000, static_cast<std::uint8_t>(height * 37))};
  return block;
}

StoreConfig small_config(const fs::path& disk, std::uint64_t reserve) {
  return {disk / "db", disk / "anchor", test::kRigChain, reserve};
}

/// Appends until the disk is full, without a reserve.
TEST(CrashChild, DISABLED_FillTheDisk) {
  auto store = Store::open(small_config(test::child_argument(), 0)).value();
  for (std::uint64_t height = 1;; ++height) {
    const auto appended = store->append(big_block(height));
    if (appended) {
      test::report(std::to_string(height));
      continue;
    }
    test::report(appended.error().kind);
    test::report(store->append(big_block(height)).error().message);
    return;
  }
}

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) {
      GTEST_SKIP() << "a small file system needs the right to mount: " << std::strerror(errno);
    }
  }
  /// Writes as much of a file as there is room for.
  void fill(const char* name, std::size_t size) const {
    std::ofstream(path_ / name) << std::string(size, 'x');
  }
  const test::TempDir dir_;
  const fs::path path_ = dir_ / "disk";
  SmallDisk disk_{path_};
};

TEST_F(FullDisk, IsACleanErrorAndLosesNothing) {
  fill("ballast", 14 << 20);
  Child child("CrashChild.DISABLED_FillTheDisk", path_.string());
  std::uint64_t told = 0;
  auto line = child.line();
  for (; line && line->find_first_not_of("0123456789") == std::string::npos; line = child.line()) {
    told = std::stoull(*line);
  }
  ASSERT_EQ(line, "store_failed") << "after block " << told;
  EXPECT_EQ(child.line(), "An earlier write failed; restart the node.");
  EXPECT_EQ(child.wait(), 0);
  EXPECT_GT(told, 10u);

  // RocksDB may abort when it opens on a full disk; the reserve speaks first.
  fill("filler", 24 << 20);
  EXPECT_EQ(Store::open(small_config(path_, 2 << 20)).error().kind, "disk_full");
  fs::remove(path_ / "ballast");
  fs::remove(path_ / "filler");
  auto store = Store::open(small_config(path_, 0));
  ASSERT_TRUE(store) << store.error().message;
  // The block of the failed write may be there: it was in doubt.
  const std::uint64_t tip = (*store)->tip()->height.value();
  EXPECT_TRUE(tip == told || tip == told + 1) << tip << " after " << told;
  for (std::uint64_t h = 1; h <= told; ++h) {
    ASSERT_EQ(encode((*store)->block(Height(h)).value()), encode(big_block(h)));
  }
}

TEST_F(FullDisk, TheReserveStopsTheStoreWhileItCanStillClose) {
  std::uint64_t height = 0;
  {
    auto store = Store::open(small_config(path_, 14 << 20)).value();
    while (true) {
      const auto appended = store->append(big_block(height + 1));
      if (appended.has_error()) {
        EXPECT_EQ(appended.error().kind, "disk_full");
        break;
      }
      ++height;
    }
  }
  EXPECT_GT(height, 10u);
  EXPECT_EQ(Store::open(small_config(path_, 0)).value()->tip()->height, Height(height));
}

}  // namespace
}  // namespace bourse::chain
