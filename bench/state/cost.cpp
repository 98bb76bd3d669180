// SPDX-License-Identifier: Apache-2.0
#include "bench/state/measures.hpp"
#include "bench/state/rig.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kSenders = 50'000;
constexpr std::size_t kPerBlock = 8'000;

}  // namespace

Json cost(std::size_t accounts, std::size_t transactions) {
  const Scratch scratch;
  const Senders senders(kSenders);
  const std::size_t others = accounts - kSenders;
  Rig rig(scratch.path(), genesis(senders, others));
  rig.recover();
  auto stream = bench::transfers(senders, rig.chain_id(), kSenders + transactions, others);
  // The first transaction of each sender has its key parsed, which is not the size's doing.
  const std::vector<Bytes> first(stream.begin(), stream.begin() + std::ptrdiff_t{kSenders});
  stream.erase(stream.begin(), stream.begin() + std::ptrdiff_t{kSenders});
  rig.commit_all(first, kPerBlock);
  const double before = cpu_seconds();
  const auto start = Clock::now();
  rig.commit_all(stream, kPerBlock);
  const auto count = static_cast<double>(transactions);
  return Json{{"accounts", accounts},
              {"cpu_us", (cpu_seconds() - before) * 1e6 / count},
              {"wall_us", seconds_since(start) * 1e6 / count}};
}

}  // namespace bourse::bench
