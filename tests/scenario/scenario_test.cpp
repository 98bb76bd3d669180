// SPDX-License-Identifier: Apache-2.0
//
// Goal: the market does what the stories beside this file say, line by line, and the stories leave
// out no operation and no error. Method: each story is told once on a World, which signs for real,
// audits the whole state after every block and replays the blocks at the end.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/scenario/story.hpp"

namespace bourse::test {
namespace {

std::vector<std::string> story_names() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(BOURSE_SOURCE_DIR "/tests/scenario")) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

const Story& story(const std::string& name) {
  static std::map<std::string, Story> told;
  const auto found = told.find(name);
  if (found != told.end()) return found->second;
  return told.try_emplace(name, BOURSE_SOURCE_DIR "/tests/scenario/" + name + ".txt").first->second;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, GoesAsTold) {
  for (const std::string& problem : story(GetParam()).problems()) ADD_FAILURE() << problem;
}

INSTANTIATE_TEST_SUITE_P(Stories, Scenario, testing::ValuesIn(story_names()),
                         [](const auto& info) { return info.param; });

TEST(Coverage, EveryOperationIsTold) {
  std::set<std::uint16_t> told;
  for (const std::string& name : story_names()) {
    told.insert(story(name).types().begin(), story(name).types().end());
  }
  market::TxTypes::for_each([&]<class T>(const T&) {
    EXPECT_TRUE(told.contains(T::type)) << "no story tells of " << T::name;
  });
}

TEST(Coverage, EveryErrorIsProvoked) {
  std::set<std::uint16_t> told;
  for (const std::string& name : story_names()) {
    told.insert(story(name).errors().begin(), story(name).errors().end());
  }
  for (const market::ErrorInfo& info : market::kErrors) {
    EXPECT_TRUE(told.contains(static_cast<std::uint16_t>(info.error)))
        << "no story provokes " << info.name;
  }
}

// A runner that lets everything pass would pass for ever. In this story every line after a `#!` is
// wrong, and the `#!` says what must be found.
TEST(Runner, FindsEveryKindOfMistakeInAStory) {
  const std::string path = BOURSE_SOURCE_DIR "/tests/scenario/runner.mistakes";
  const std::vector<std::string> found = Story(path).problems();
  std::vector<std::string> wanted;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#! ")) wanted.push_back(line.substr(3));
  }
  for (std::size_t i = 0; i < std::max(found.size(), wanted.size()); ++i) {
    const std::string got = i < found.size() ? found[i] : "nothing";
    const std::string want = i < wanted.size() ? wanted[i] : "no problem";
    EXPECT_NE(got.find(want), std::string::npos) << "wanted: " << want << "\ngot: " << got;
  }
}

}  // namespace
}  // namespace bourse::test
