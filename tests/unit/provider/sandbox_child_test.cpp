// SPDX-License-Identifier: Apache-2.0
//
// Goal: nothing of a run outlives the agent. Method: kill -9 of a process that runs a job with a
// child in a session of its own.
#include "provider/sandbox_child.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <thread>

#include "tests/support/sandbox_fixture.hpp"

namespace bourse::provider {
namespace {

class SandboxChildTest : public SandboxTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxChildTest, kSandboxModes, mode_name);

using namespace std::chrono_literals;

/// Processes whose command line has `mark` in it.
int processes_with(const std::string& mark) {
  int count = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    std::ifstream file(entry.path() / "cmdline");
    std::string line((std::istreambuf_iterator<char>(file)), {});
    count += line.find(mark) != std::string::npos ? 1 : 0;
  }
  return count;
}

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return condition();
}

TEST_P(SandboxChildTest, DiesWithTheAgent) {
  const std::string mark = "3" + std::to_string(::getpid()) + "9";
  request_.command = {"/bin/sh", "-c", "setsid sleep " + mark + " & exec sleep " + mark};
  // What the killed agent leaves to be waited for comes to us.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t agent = ::fork();
  if (agent == 0) {
    (void)sandbox_->run(request_, {});
    ::_exit(0);
  }
  // The two jobs, their shell having become one of them, and bubblewrap itself.
  EXPECT_TRUE(eventually([&] { return processes_with(mark) >= 3; }));
  ::kill(agent, SIGKILL);
  ::waitpid(agent, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return processes_with(mark) == 0; }));
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  EXPECT_EQ(groups_left() > 0, !sandbox_->cgroups().parents().empty());
  sandbox_->sweep_stale();
  EXPECT_EQ(groups_left(), 0);
}

}  // namespace
}  // namespace bourse::provider
