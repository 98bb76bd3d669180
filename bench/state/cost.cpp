// SPDX-License-Identifier: Apache-2.0
#include "bench/state/measures.hpp"
#include "bench/state/rig.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kSendersMax = 50'000;
constexpr std::size_t kPerBlock = 8'000;

}  // namespace

Json cost(std::size_t accounts, std::size_t transactions) {
  const test::TempDir scratch;
  const Senders senders(std::min(accounts / 2, kSendersMax));
  const std::size_t others = accounts - senders.size();
  Rig rig(scratch.path(), genesis(senders, others));
  rig.recover();
  const auto stream =
      bench::transfers(senders, rig.chain_id(), senders.size() + transactions, others);
  const std::size_t at_a_time = std::min(kPerBlock, senders.size());
  // The first transaction of each sender has its key parsed, which is not the size's doing.
  const std::span<const Bytes> all(stream);
  rig.commit_all(all.first(senders.size()), at_a_time);
  const double before = cpu_seconds();
  const auto start = Clock::now();
  rig.commit_all(all.subspan(senders.size()), at_a_time);
  const auto count = static_cast<double>(transactions);
  return Json{{"accounts", accounts},
              {"cpu_us", (cpu_seconds() - before) * 1e6 / count},
              {"wall_us", seconds_since(start) * 1e6 / count}};
}

}  // namespace bourse::bench
