// SPDX-License-Identifier: Apache-2.0
//
// Goal: only plain files of bounded number, size and name are results. Method: trees that a hostile
// job could leave, at each limit and one beyond it.
#include "provider/outputs.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::provider {
namespace {

namespace fs = std::filesystem;

class OutputsTest : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text = "x") {
    fs::create_directories((dir_ / path).parent_path());
    std::ofstream(dir_ / path) << text;
  }
  CollectedOutputs collect() {
    const UniqueFd fd(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return collect_outputs(fd.get(), caps_);
  }
  std::string refusal() {
    const auto outputs = collect();
    EXPECT_TRUE(outputs.refused.empty() || outputs.files.empty());
    return outputs.refused;
  }

  test::TempDir dir_;
  OutputCaps caps_{1000, 10};
};

TEST_F(OutputsTest, AreSortedByTheBytesOfTheirPaths) {
  write("b");
  write("a/z", "deep");
  write("a.txt");
  write("ü");
  write("B");
  write("empty", "");
  fs::create_directories(dir_ / "hollow");
  fs::permissions(dir_ / "b", fs::perms::owner_all);
  const auto outputs = collect();
  EXPECT_EQ(outputs.refused, "");
  std::vector<std::string> paths;
  for (const auto& file : outputs.files) paths.push_back(file.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"B", "a.txt", "a/z", "b", "empty", "ü"}));
  EXPECT_TRUE(outputs.files[3].executable);
  EXPECT_FALSE(outputs.files[0].executable);
  EXPECT_EQ(as_text(outputs.files[2].content), "deep");
  EXPECT_EQ(outputs.files[2].size, 4u);
  EXPECT_EQ(outputs.files[2].sha256, sha256(as_bytes("deep")));
}

TEST_F(OutputsTest, RefusesEverythingButPlainFiles) {
  const auto expect = [&](const char* name, const char* why) {
    EXPECT_EQ(refusal(), "The output " + std::string(name) + " " + why + ".");
    ::unlink((dir_ / name).c_str());
    ASSERT_EQ(refusal(), "");
  };
  fs::create_symlink("/etc/shadow", dir_ / "link");
  expect("link", "is a symbolic link");
  fs::create_directory_symlink("/etc", dir_ / "tree");
  expect("tree", "is a symbolic link");
  ::mkfifo((dir_ / "fifo").c_str(), 0600);
  expect("fifo", "is a fifo");
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (dir_ / "sock").string().copy(address.sun_path, sizeof address.sun_path - 1);
  ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  expect("sock", "is a socket");
  if (::mknod((dir_ / "device").c_str(), S_IFCHR | 0600, 0x103) == 0) {
    expect("device", "is a device");
  }
  write("one");
  fs::create_hard_link(dir_ / "one", dir_ / "two");
  EXPECT_NE(refusal().find("has more than one hard link"), std::string::npos);
}

TEST_F(OutputsTest, RefusesWhatItsOwnerMayNotRead) {
  write("secret");
  fs::permissions(dir_ / "secret", fs::perms::none);
  EXPECT_EQ(refusal(), "The output secret cannot be read.");
  fs::remove(dir_ / "secret");
  write("shut/inside");
  fs::permissions(dir_ / "shut", fs::perms::none);
  EXPECT_EQ(refusal(), "The output shut cannot be listed.");
  fs::permissions(dir_ / "shut", fs::perms::owner_all);
}

TEST_F(OutputsTest, CountsFilesToTheLimit) {
  for (int i = 0; i < 9; ++i) write("d" + std::to_string(i) + "/f");
  EXPECT_EQ(collect().files.size(), 9u);
  write("d9/f");
  EXPECT_EQ(collect().files.size(), 10u);
  write("d9/g");
  EXPECT_NE(refusal().find("one file more than the 10 allowed"), std::string::npos);
  fs::remove(dir_ / "d9/g");
  fs::create_directories(dir_ / "d10");
  EXPECT_NE(refusal().find("a directory too many"), std::string::npos);
}

TEST_F(OutputsTest, CountsBytesToTheLimit) {
  write("a", std::string(999, 'x'));
  EXPECT_EQ(collect().files.size(), 1u);
  write("b", "x");
  EXPECT_EQ(collect().files.size(), 2u);
  write("c", "x");
  EXPECT_NE(refusal().find("over the 1000 bytes allowed"), std::string::npos);
  // A sparse file takes no disk, but it would take memory.
  fs::remove(dir_ / "c");
  write("c", "");
  fs::resize_file(dir_ / "c", std::uintmax_t{1} << 40);
  EXPECT_NE(refusal().find("over the 1000 bytes allowed"), std::string::npos);
}

TEST_F(OutputsTest, RefusesNamesThatCannotBeStored) {
  write("line\nbreak");
  EXPECT_EQ(refusal(), "The output line?break has a control character in its name.");
  fs::remove(dir_ / "line\nbreak");
  write("del\x7f");
  EXPECT_NE(refusal(), "");
  fs::remove(dir_ / "del\x7f");
  write("latin-\xe9");
  EXPECT_EQ(refusal(), "The output latin-? has a name that is not UTF-8.");
  fs::remove(dir_ / "latin-\xe9");
  const std::string half(127, 'a');
  write(half + "/" + half);
  EXPECT_EQ(collect().files.size(), 1u) << "255 bytes are allowed.";
  write(half + "/" + half + "b");
  EXPECT_NE(refusal().find("has a path over 255 bytes"), std::string::npos);
}

}  // namespace
}  // namespace bourse::provider
