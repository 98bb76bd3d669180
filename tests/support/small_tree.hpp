// SPDX-License-Identifier: Apache-2.0
//
// A directory tree like a small Debian, for tests of runtimes.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace bourse::test {

/// A tree like a small Debian; `stamp` is what differs between two builds of it.
inline std::filesystem::path make_tree(const std::filesystem::path& directory,
                                       const std::string& stamp) {
  namespace fs = std::filesystem;
  fs::path tree = directory / ("tree-" + stamp);
  for (const char* name : {"usr/bin", "etc/apt", "var/log", "var/cache/ldconfig", "tmp", "dev"}) {
    fs::create_directories(tree / name);
  }
  std::ofstream(tree / "usr/bin/tool") << "#!/bin/sh\n";
  fs::permissions(tree / "usr/bin/tool", fs::perms::owner_all | fs::perms::set_uid);
  std::ofstream(tree / "etc/passwd") << "root:x:0:0::/root:/bin/sh\n";
  std::ofstream(tree / "etc/group") << "root:x:0:\n";
  std::ofstream(tree / "etc/machine-id") << stamp;
  std::ofstream(tree / "etc/hostname") << stamp;
  std::ofstream(tree / "etc/resolv.conf") << stamp;
  std::ofstream(tree / "etc/apt/sources.list") << stamp;
  std::ofstream(tree / "var/log/dpkg.log") << stamp;
  std::ofstream(tree / "var/cache/ldconfig/aux-cache") << stamp;
  fs::create_directory_symlink("usr/bin", tree / "bin");
  return tree;
}

}  // namespace bourse::test
