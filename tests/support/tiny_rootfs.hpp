// SPDX-License-Identifier: Apache-2.0
//
// A root file system for sandbox tests, made in a second and without network: busybox (Debian's
// busybox-static) and the hostile job of job_probe.cpp.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "provider/subprocess.hpp"

namespace bourse::test {

/// Makes (once per build tree) and returns the root. Throws when it cannot, which fails the test.
inline std::filesystem::path tiny_rootfs() {
  namespace fs = std::filesystem;
  fs::path root = fs::path(BOURSE_BINARY_DIR) / "tiny-rootfs";
  const fs::path source = fs::path(BOURSE_SOURCE_DIR) / "tests/support/job_probe.cpp";
  const fs::path probe = root / "bin/probe";
  std::error_code error;
  for (const char* name : {"in", "out", "tmp", "proc", "dev", "bin"}) {
    fs::create_directories(root / name, error);
  }
  if (fs::exists(probe) && fs::last_write_time(probe) > fs::last_write_time(source)) return root;
  fs::copy_file("/bin/busybox", root / "bin/busybox", fs::copy_options::overwrite_existing, error);
  if (error) throw std::runtime_error("Install busybox-static for the sandbox tests.");
  for (const char* name : {"sh",   "cat",   "dd",   "ls",   "ln",    "mkfifo",   "mkdir", "sleep",
                           "true", "false", "echo", "env",  "chmod", "seq",      "touch", "setsid",
                           "pwd",  "id",    "yes",  "head", "stat",  "hostname", "nproc", "mv"}) {
    fs::remove(root / "bin" / name, error);
    fs::create_symlink("busybox", root / "bin" / name, error);
  }
  provider::run_command({"c++", "-std=c++20", "-O1", "-static", "-o", probe, source}).value();
  return root;
}

}  // namespace bourse::test
