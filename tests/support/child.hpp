// SPDX-License-Identifier: Apache-2.0
//
// Runs one disabled test of this program as a process of its own, to be killed or to die. What it
// prints with report() the parent reads line by line. A new process image, not a mere fork: a fork
// of a process with threads has none of them.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/check.hpp"
#include "base/files.hpp"

namespace bourse::test {

inline constexpr const char* kChildArgument = "BOURSE_CHILD_ARGUMENT";
inline constexpr int kReportFd = 3;

/// In the child: what the parent gave it.
inline std::string child_argument() { return std::getenv(kChildArgument); }
/// In the child: one write per line, so that a kill leaves whole lines.
inline void report(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(kReportFd, text.data(), text.size()) < 0) std::abort();
}

class Child {
 public:
  Child(const std::string& test, const std::string& argument) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    const std::string filter = "--gtest_filter=" + test;
    const std::string variable = std::string(kChildArgument) + "=" + argument;
    char* const argv[] = {const_cast<char*>("child"), const_cast<char*>(filter.c_str()),
                          const_cast<char*>("--gtest_also_run_disabled_tests"),
                          const_cast<char*>("--gtest_brief=1"), nullptr};
    char* const envp[] = {const_cast<char*>(variable.c_str()), nullptr};
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
      // dup2 onto itself would keep the close-on-exec flag.
      const int moved = ::fcntl(ends[1], F_DUPFD, 100);
      ::dup2(moved, kReportFd);
      ::close(moved);
      ::execve("/proc/self/exe", argv, envp);
      ::_exit(127);
    }
    ::close(ends[1]);
    reports_ = UniqueFd(ends[0]);
  }
  ~Child() {
    if (pid_ > 0) kill();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next line; nothing at the end or when none comes until the deadline.
  std::optional<std::string> line(std::chrono::steady_clock::time_point deadline) {
    for (;;) {
      if (const auto end = buffer_.find('\n'); end != std::string::npos) {
        std::string out = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return out;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      pollfd waiting{reports_.get(), POLLIN, 0};
      if (left.count() < 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
        return std::nullopt;
      }
      char chunk[4096];
      const ssize_t count = ::read(reports_.get(), chunk, sizeof chunk);
      if (count <= 0) return std::nullopt;
      buffer_.append(chunk, static_cast<std::size_t>(count));
    }
  }
  std::optional<std::string> line() {
    return line(std::chrono::steady_clock::now() + std::chrono::seconds(60));
  }

  void kill() {
    // A negative id would name every process there is.
    CHECK(pid_ > 0);
    ::kill(pid_, SIGKILL);
    wait();
  }
  /// How it ended, as waitpid says.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  UniqueFd reports_;
  std::string buffer_;
};

}  // namespace bourse::test
