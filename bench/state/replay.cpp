// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.hpp"
#include "bench/state/measures.hpp"
#include "bench/state/rig.hpp"
#include "bench/stream.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kPerBlock = 8'000;

}  // namespace

Json replay(std::size_t senders, std::size_t transactions) {
  const test::TempDir scratch;
  // Another process makes the chain, so that this one begins with nothing.
  const pid_t maker = ::fork();
  CHECK(maker >= 0);
  if (maker == 0) {
    const Senders all(senders);
    Rig rig(scratch.path(), genesis(all));
    rig.recover();
    rig.commit_all(bench::transfers(all, rig.chain_id(), transactions),
                   std::min(kPerBlock, senders));
    std::_Exit(0);
  }
  int status = 0;
  CHECK(::waitpid(maker, &status, 0) == maker && status == 0);
  auto start_state = genesis(Senders(senders));
  Rig rig(scratch.path(), std::move(start_state));
  const auto start = Clock::now();
  rig.recover(Rig::Trust::nothing);
  const double seconds = seconds_since(start);
  return Json{{"transactions", transactions},
              {"seconds", seconds},
              {"rate", static_cast<double>(transactions) / seconds}};
}

}  // namespace bourse::bench
