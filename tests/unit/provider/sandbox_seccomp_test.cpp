// SPDX-License-Identifier: Apache-2.0
//
// Goal: no known way out of the sandbox works. Method: a hostile job tries every one of its
// attempts and reports those that were allowed (tests/support/job_probe.cpp).
#include "provider/sandbox_seccomp.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <sstream>

#include "tests/support/sandbox_fixture.hpp"

namespace bourse::provider {
namespace {

class SandboxSeccompTest : public SandboxTest {};

INSTANTIATE_TEST_SUITE_P(All, SandboxSeccompTest, kSandboxModes, mode_name);

TEST_P(SandboxSeccompTest, RefusesEveryEscapeAttempt) {
  // A descriptor that a careless agent left open without close-on-exec.
  const int leak = ::open("/etc/passwd", O_RDONLY);
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* name_of = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener.get(), name_of, size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(::getsockname(listener.get(), name_of, &size), 0);
  request_.env = {{"HOST_PORT", std::to_string(ntohs(address.sin_port))}};
  const auto list = run({"/bin/probe", "list"});
  std::vector<std::string> command = {"/bin/probe"};
  std::istringstream names{std::string(as_text(list.standard_output))};
  for (std::string name; std::getline(names, name);) command.push_back(name);
  EXPECT_GT(command.size(), 45u);
  const auto out = run(command);
  ::close(leak);
  expect_ended(out, Ended::exited);
  EXPECT_EQ(out.exit_code, 0) << describe(out);
}

}  // namespace
}  // namespace bourse::provider
