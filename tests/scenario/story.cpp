// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/story.hpp"

#include <filesystem>
#include <fstream>

namespace bourse::test {

using namespace market;  // NOLINT: a story is about the market

namespace {

constexpr JsonStyle kStyle{Network::dev};

/// "a=b" is {a, b}.
std::pair<std::string, std::string> assignment_of(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) throw StoryError("expected field=value, not " + word);
  return {word.substr(0, equals), word.substr(equals + 1)};
}

bool is_identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Replaces `word` where it stands by itself.
std::string replaced(const std::string& text, const std::string& word, const std::string& by) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const bool starts = i == 0 || !is_identifier(text[i - 1]);
    const std::size_t end = i + word.size();
    const bool ends = end >= text.size() || !is_identifier(text[end]);
    if (starts && ends && text.compare(i, word.size(), word) == 0) {
      out += by;
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& words, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < words.size(); ++i) out += (i == from ? "" : " ") + words[i];
  return out;
}

}  // namespace

Story::Story(const std::string& path) : params_(to_json(free_params(), kStyle)) {
  read(path);
  where_ = std::filesystem::path(path).filename().string() + ": at the end";
  world().check_replay();
  for (const std::string& broken : world().take_problems()) problem(broken);
}

void Story::read(const std::string& path) {
  std::ifstream file(path);
  if (!file) return problem("cannot read " + path);
  const std::string name = std::filesystem::path(path).filename().string();
  std::string statement;
  std::string place;
  const auto finish = [&] {
    where_ = place;
    try {
      if (!statement.empty()) tell(statement);
    } catch (const std::exception& error) {
      problem(error.what());
    }
    if (world_) {
      for (const std::string& broken : world_->take_problems()) problem(broken);
    }
    statement.clear();
  };
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("use ")) {
      finish();
      read((std::filesystem::path(path).parent_path() / (line.substr(4) + ".words")).string());
    } else if (line.starts_with(" ")) {  // An indented line goes on with the one above.
      statement += line;
    } else {
      finish();
      place = name + ":" + std::to_string(number);
      statement = line;
    }
  }
  finish();
}

void Story::tell(const std::string& text) {
  if (text.starts_with('#')) return;
  Line line;
  for (const std::string& word : split_words(text)) {
    if (!word.starts_with('@')) {
      line.push_back(word);
    } else if (const auto preset = presets_.find(word.substr(1)); preset != presets_.end()) {
      line.insert(line.end(), preset->second.begin(), preset->second.end());
    } else {
      throw StoryError("there is no preset " + word);
    }
  }
  if (line.empty() || tell_setting(line) || tell_directive(line)) return;
  const auto phrase = line.size() > 1 ? phrases_.find(line[1]) : phrases_.end();
  if (phrase != phrases_.end()) return tell_phrase(phrase->second, line);
  act(line);
}

/// What stands before the story begins.
bool Story::tell_setting(const Line& line) {
  if (world_ && (line[0] == "account" || line[0] == "param")) {
    throw StoryError(line[0] + " must stand before the first transaction");
  }
  if (line[0] == "account" && line.size() == 3) {
    const Address address = address_of(line[1]);
    words_.name(line[1], Bytes(address.bytes.begin(), address.bytes.end()));
    const std::uint64_t grains = words_.number(line[2]);
    if (grains > 0) balances_[line[1]] = grains;
  } else if (line[0] == "param" && line.size() == 3) {
    if (!params_.contains(line[1])) throw StoryError("there is no parameter " + line[1]);
    params_[line[1]] = words_.json(line[2], nullptr);
  } else if (line[0] == "preset" && line.size() > 2 && line[2] == "=") {
    presets_[line[1]] = Line(line.begin() + 3, line.end());
  } else if (line[0] == "phrase") {  // phrase WHO takes A = …; the verb is the second word
    const auto equals = std::find(line.begin(), line.end(), "=");
    if (equals - line.begin() < 3 || equals == line.end()) throw StoryError("phrase without =");
    const Line head(line.begin() + 1, equals);
    phrases_[head[1]] = {head, joined(line, head.size() + 2)};
  } else {
    return false;
  }
  return true;
}

bool Story::tell_directive(const Line& line) {
  const std::string& verb = line[0];
  const auto span = [&] { return DurationMs(words_.number(line.at(1))); };
  if (verb == "expect") {
    line.at(1) == "event" ? expect_event(line) : expect(line);
    return true;
  }
  if (verb == "let" && line.size() == 4) {  // let A1 = J1/0/0
    const auto id = words_.id(line[3]);
    if (!id) throw StoryError(line[3] + " is not known");
    words_.name(line[1], *id);
    return true;
  }
  if (verb == "by" && line.at(1) == "hand") return by_hand_ = true;
  if (verb == "together") {
    together_.emplace();
    return true;
  }
  if (verb != "end" && verb != "wait" && verb != "outage" && verb != "block" && verb != "idle") {
    return false;
  }
  world().take_events();
  if (verb == "end") {
    const auto acts = std::exchange(together_, std::nullopt);
    make_block(acts.value());
    return true;
  }
  if (verb == "wait") world().wait(span());
  if (verb == "idle") world().run_until_idle();
  if (verb == "outage") world().skip(span());
  if (verb == "outage" || verb == "block") world().block();
  if (!by_hand_) world().settle();
  events_ = world().take_events();
  return true;
}

void Story::tell_phrase(const Phrase& phrase, const Line& line) {
  if (line.size() != phrase.parameters.size()) {
    throw StoryError("the phrase is: " + joined(phrase.parameters, 0));
  }
  std::string text = phrase.text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i != 1) text = replaced(text, phrase.parameters[i], line[i]);
  }
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(" ; ", start), text.size());
    tell(text.substr(start, end - start));
    start = end + 3;
  }
}

/// alice transfer to=bob amount=5 & transfer to=carol amount=6 -> balance_too_low in 2
void Story::act(const Line& line) {
  const auto arrow = std::find(line.begin(), line.end(), "->");
  if (arrow == line.end() || arrow + 1 == line.end()) throw StoryError("expected -> and a result");
  Envelope envelope;
  std::vector<Line> operations(1);
  for (auto word = line.begin() + 1; word != arrow; ++word) {
    if (*word == "&") {
      operations.emplace_back();
    } else if (word->starts_with("tx.")) {
      const auto [name, value] = assignment_of(*word);
      const std::uint64_t number = words_.number(value);
      if (name == "tx.nonce") envelope.nonce = number;
      if (name == "tx.fee_limit") envelope.fee_limit = number;
      if (name == "tx.valid_until") envelope.valid_until = TimeMs(number);
      if (name == "tx.valid_for") envelope.valid_until = world().now() + DurationMs(number);
    } else {
      operations.back().push_back(*word);
    }
  }
  const std::string& sender = line[0];
  const std::uint64_t nonce = envelope.nonce.value_or(world().next_nonce(sender));
  std::vector<chain::Operation> encoded;
  for (const Line& words : operations) encoded.push_back(operation(words));
  const Act made{world().sign(sender, std::move(encoded), envelope), where_,
                 Line(arrow + 1, line.end()), sender, nonce};
  if (together_) return together_->push_back(made);
  make_block({made});
}

chain::Operation Story::operation(const Line& words) {
  chain::Operation out;
  const std::string verb = words.empty() ? "" : words[0];
  const auto fill = [&](auto& object) {
    Json json = to_json(object, kStyle);
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [path, value] = assignment_of(words[i]);
      set_member(json, path, words_.json(value, &world()));
    }
    if (const auto read = from_json(json, object, kStyle); !read) {
      throw StoryError(read.error().message);
    }
  };
  if (verb == "raw") {  // raw type=999 body=0x80
    fill(out);
    return out;
  }
  bool known = false;
  TxTypes::for_each([&]<class T>(T tx) {
    if (T::name != verb) return;
    known = true;
    fill(tx);
    types_.insert(T::type);
    out = to_operation(tx);
  });
  if (!known) throw StoryError("there is no operation " + verb);
  return out;
}

void Story::make_block(const std::vector<Act>& acts) {
  world().take_events();
  std::vector<chain::VerifiedTx> txs;
  for (const Act& act : acts) txs.push_back(act.tx);
  const auto receipts = world().block(txs).receipts;
  for (std::size_t i = 0; i < acts.size(); ++i) judge(acts[i], receipts[i]);
  if (!by_hand_) world().settle();
  events_ = world().take_events();
}

/// ok · ok as P1 · ok as P1 P2 · balance_too_low · balance_too_low in 2
void Story::judge(const Act& act, const chain::Receipt& receipt) {
  if (receipt.error != 0) errors_.insert(receipt.error);
  const ErrorInfo* error = find_error(receipt.error);
  const std::string name = receipt.error == 0 ? "ok" : std::string(error->name);
  std::string expected = act.result[0];
  std::string got = name;
  if (act.result.size() > 2 && act.result[1] == "in") {
    expected += " in " + act.result[2];
    got += " in " + std::to_string(receipt.operation + 1);
  } else if (act.result.size() > 1 && act.result[1] == "as") {
    for (std::uint32_t i = 0; i + 2 < act.result.size(); ++i) {
      const auto id = object_id(address_of(act.sender), Nonce(act.nonce), i);
      words_.name(act.result[i + 2], Bytes(id.bytes.begin(), id.bytes.end()));
    }
  } else if (act.result.size() > 1) {
    throw StoryError("a result is an error's name, or ok, or ok as NAME");
  }
  if (got != expected) problems_.push_back(act.where + ": expected " + expected + ", got " + got);
}

/// expect bob balance 1000 nonce 2 · expect market burned 5 · expect J1/0/1 none
/// expect wake never
void Story::expect(const Line& line) {
  const std::string& subject = line.at(1);
  if (subject == "wake") {
    const auto wake = world().market().wake_at();
    const std::string got =
        wake ? "+" + std::to_string(elapsed(world().now(), *wake).value()) : "never";
    std::string want = line.at(2);
    if (want[0] == '+') want = "+" + std::to_string(words_.number(want.substr(1)));
    if (got != want) problem("the chain wakes " + got + ", expected " + want);
    return;
  }
  const auto id = words_.id(subject);
  const State& state = world().state();
  const Json record = subject == "market" ? to_json(state.globals(), kStyle)
                      : id                ? record_json(state, *id)
                                          : throw StoryError(subject + " is not known");
  if (line.size() == 3 && line[2] == "none") {
    if (!record.is_null()) problem(subject + " exists");
    return;
  }
  if (record.is_null()) return problem("there is no " + subject);
  if (line.size() < 4 || line.size() % 2 != 0)
    throw StoryError("expected pairs of field and value");
  for (std::size_t i = 2; i < line.size(); i += 2) {
    std::string path = "/" + line[i];
    std::replace(path.begin(), path.end(), '.', '/');
    const Json::json_pointer member(path);
    if (!record.contains(member)) throw StoryError(subject + " has no " + line[i]);
    const std::string got = plain(record.at(member));
    const std::string want = plain(words_.json(line[i + 1], &world()));
    if (got != want) problem(subject + " " + line[i] + " is " + got + ", expected " + want);
  }
}

/// expect event slashed provider P1 amount 20: among those since the last line that did something.
void Story::expect_event(const Line& line) {
  for (const Event& event : events_) {
    const Json json = to_json(event, kStyle);
    bool fits = json["kind"] == line.at(2);
    for (std::size_t i = 3; i + 1 < line.size(); i += 2) {
      if (!json.contains(line[i])) throw StoryError("an event has no " + line[i]);
      fits = fits && plain(json[line[i]]) == plain(words_.json(line[i + 1], &world()));
    }
    if (fits) return;
  }
  std::string seen;
  for (const Event& event : events_) seen += "\n    " + dump_json(to_json(event, kStyle));
  problem("no such event; there were:" + seen);
}

World& Story::world() {
  if (!world_) {
    Params params;
    from_json(params_, params, kStyle).value();
    world_ = std::make_unique<World>(test_genesis(params, balances_));
  }
  return *world_;
}

}  // namespace bourse::test
