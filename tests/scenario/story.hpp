// SPDX-License-Identifier: Apache-2.0
//
// A story: a text file in which people act on a market, one transaction a line with what must come
// of it, and in which the reader's expectations are checked. README.md beside it is the grammar.
#pragma once

#include <memory>
#include <set>

#include "tests/scenario/words.hpp"

namespace bourse::test {

class Story {
 public:
  /// Tells the whole story. What goes wrong is in problems(), as "file:line: sentence".
  explicit Story(const std::string& path);

  const std::vector<std::string>& problems() const { return problems_; }
  /// Numbers of the errors that transactions ended with, and of the operation types tried.
  const std::set<std::uint16_t>& errors() const { return errors_; }
  const std::set<std::uint16_t>& types() const { return types_; }

 private:
  using Line = std::vector<std::string>;
  struct Act {
    chain::VerifiedTx tx;
    std::string where;
    Line result;
    std::string sender;
    std::uint64_t nonce = 0;
  };
  struct Phrase {
    Line parameters;
    std::string text;
  };

  void read(const std::string& path);
  void tell(const std::string& text);
  bool tell_setting(const Line& line);
  bool tell_directive(const Line& line);
  void tell_phrase(const Phrase& phrase, const Line& line);
  void act(const Line& line);
  chain::Operation operation(const Line& words);
  void make_block(const std::vector<Act>& acts);
  void judge(const Act& act, const chain::Receipt& receipt);
  void expect(const Line& line);
  void expect_event(const Line& line);
  void problem(const std::string& what) { problems_.push_back(where_ + ": " + what); }
  World& world();

  Words words_;
  std::map<std::string, Line> presets_;
  std::map<std::string, Phrase> phrases_;
  Json params_;
  std::map<std::string, std::uint64_t> balances_;
  std::unique_ptr<World> world_;
  std::vector<market::Event> events_;
  std::optional<std::vector<Act>> together_;
  bool by_hand_ = false;

  std::string where_;
  std::vector<std::string> problems_;
  std::set<std::uint16_t> errors_;
  std::set<std::uint16_t> types_;
};

}  // namespace bourse::test
