// SPDX-License-Identifier: Apache-2.0
#include "provider/subprocess.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "base/files.hpp"

namespace bourse::provider {
namespace {

constexpr std::size_t kTailBytesMax = 2000;

/// mkfs.ext4 lives in sbin, which the PATH of a service or of a user may not have.
std::string find_command(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::istringstream directories(std::string(path != nullptr ? path : "") +
                                 ":/usr/bin:/bin:/usr/sbin:/sbin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string candidate = directory + "/" + name;
    if (!directory.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Result<pid_t> spawn(const std::string& program, std::vector<std::string> command,
                    const std::vector<std::string>& environment, int output) {
  std::vector<std::string> variables = environment;
  for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  pid_t child = 0;
  const int code = ::posix_spawn(&child, program.c_str(), &actions, nullptr,
                                 pointers(command).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) {
    return Error{"command_failed",
                 "Cannot start " + program + ": " + std::generic_category().message(code) + "."};
  }
  return child;
}

/// Passes on the lines, and returns the last of them.
std::string read_lines(int fd, const std::function<void(std::string_view)>& on_line) {
  std::string tail, line;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(fd, buffer, sizeof buffer)) != 0;) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    const std::string_view chunk(buffer, static_cast<std::size_t>(count));
    tail += chunk;
    if (tail.size() > kTailBytesMax) tail.erase(0, tail.size() - kTailBytesMax);
    for (const char c : chunk) {
      if (c != '\n') {
        line += c;
        continue;
      }
      if (on_line) on_line(line);
      line.clear();
    }
  }
  return tail;
}

}  // namespace

bool command_exists(const std::string& name) { return !find_command(name).empty(); }

Result<void> run_command(const std::vector<std::string>& command,
                         const std::vector<std::string>& environment,
                         const std::function<void(std::string_view)>& on_line) {
  const std::string program = find_command(command.front());
  if (program.empty()) {
    return Error{"command_not_found",
                 command.front() + " is not installed; install the package that has it."};
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return Error{"command_failed", "Cannot make a pipe: too many open files."};
  }
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  TRY_ASSIGN(const pid_t child, spawn(program, command, environment, writer.get()));
  writer = UniqueFd();
  const std::string tail = read_lines(reader.get(), on_line);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{"command_failed", program + " failed: " + tail};
}

}  // namespace bourse::provider
