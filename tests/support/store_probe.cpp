// SPDX-License-Identifier: Apache-2.0
//
// A small program over the store, for tests that make its surroundings fail.
//   store_probe append DIR N   appends N blocks with a checkpoint every few; says each when told
//   store_probe read DIR       reads everything back and compares it with what append writes
// Exit codes: 0, 1 for a typed error, 2 for wrong contents, 3 for out of memory, 4 for misuse.
// PROBE_FAIL_NEW=n lets the n-th allocation fail; the count is printed at the end.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "tests/support/solo_rig.hpp"

namespace {

constexpr int kOutOfMemory = 3;

std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> failing_allocation{UINT64_MAX};

/// A program without memory ends at once. Thrown through RocksDB, std::bad_alloc may leave a thread
/// that waits for ever.
void* allocate(std::size_t size) {
  void* const out =
      ++allocations == failing_allocation ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (!out) std::_Exit(kOutOfMemory);
  return out;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace bourse::chain {
namespace {

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) std::_Exit(4);
}
int report(const Error& error) {
  say("error " + error.kind);
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}

std::string name_of(Height height, const Hash& hash) {
  return std::to_string(height.value()) + " " + to_hex(hash.bytes);
}

/// Makes blocks with one transaction each, without a thread.
Result<void> append(test::SoloRig& rig, std::uint64_t count) {
  rig.engine->on_block([](const Block& block) {
    say("told " + name_of(block.header.height, header_hash(block.header)));
  });
  const test::ToyUser from(1);
  const test::ToyUser to(2);
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY(rig.send(from, test::ToyUser::pay(to.address, 1 + i)));
    TRY_ASSIGN(const bool made, rig.engine->step());
    CHECK(made);
  }
  return {};
}

Result<void> read(const test::SoloRig& rig) {
  const Height tip = rig.engine->status().height;
  for (std::uint64_t h = 1; h <= tip.value(); ++h) {
    TRY_ASSIGN(const Block block, rig.store->block(Height(h)));
    say("block " + name_of(Height(h), header_hash(block.header)));
    for (std::uint32_t i = 0; i < block.transactions.size(); ++i) {
      TRY_ASSIGN(const Inclusion found, rig.engine->find(tx_id(block.transactions[i])));
      CHECK(found.height == Height(h) && found.index == i);
    }
  }
  TRY(rig.store->verify_files());
  say("root " + to_hex(rig.machine->root().bytes));
  return {};
}

Result<void> run(const std::string& what, const std::string& directory, std::uint64_t count) {
  test::SoloRig rig(directory);
  rig.config.checkpoint_interval_blocks = 5;
  TRY_ASSIGN(rig.store, Store::open(rig.store_config));
  rig.engine = std::make_unique<SoloEngine>(rig.config, *rig.machine, *rig.store,
                                            [&] { return TimeMs(rig.now.load()); });
  TRY(rig.engine->recover());
  return what == "append" ? append(rig, count) : read(rig);
}

int main(int argc, char** argv) {
  if (argc < 3) return 4;
  spdlog::set_level(spdlog::level::off);
  if (const char* nth = std::getenv("PROBE_FAIL_NEW")) failing_allocation = std::stoull(nth);
  const auto done = run(argv[1], argv[2], argc > 3 ? std::stoull(argv[3]) : 0);
  if (!done) return report(done.error());
  say("allocations " + std::to_string(allocations));
  return 0;
}

}  // namespace
}  // namespace bourse::chain

int main(int argc, char** argv) { return bourse::chain::main(argc, argv); }
