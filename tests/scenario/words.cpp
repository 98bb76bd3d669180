// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/words.hpp"

#include <charconv>

#include "market/result.hpp"
#include "market/storage_receipt.hpp"

namespace bourse::test {
namespace {

constexpr JsonStyle kStyle{Network::dev};

std::string hex(ByteView bytes) { return "0x" + to_hex(bytes); }

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  for (const char c : text) {
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c == separator && depth == 0) {
      parts.push_back(part);
      part.clear();
    } else {
      part += c;
    }
  }
  if (!text.empty()) parts.push_back(part);
  return parts;
}

/// Reads the digits that `text` starts with, and takes them away.
std::optional<std::uint64_t> take_digits(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return number;
}

/// 1_000, or 1000+36-5.
std::optional<std::uint64_t> as_number(std::string word) {
  std::erase(word, '_');
  std::string_view rest = word;
  auto total = take_digits(rest);
  while (total && !rest.empty()) {
    const char sign = rest[0];
    rest.remove_prefix(1);
    const auto term = take_digits(rest);
    if (!term || (sign != '+' && sign != '-')) return std::nullopt;
    total = sign == '+' ? *total + *term : *total - *term;
  }
  return total;
}

/// 250ms, 30s, 5min, 2h, 7d.
std::optional<std::uint64_t> as_milliseconds(std::string text) {
  static const std::map<std::string_view, std::uint64_t> units = {
      {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  std::erase(text, '_');
  std::string_view word = text;
  const auto count = take_digits(word);
  const auto unit = units.find(word);
  if (!count || unit == units.end()) return std::nullopt;
  return *count * unit->second;
}

}  // namespace

std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (const char c : line + " ") {
    if (c == '"') quoted = !quoted;
    if (c != ' ' || quoted) {
      word += c;
    } else if (!word.empty()) {
      if (word == "#") break;
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

std::optional<Bytes> Words::id(const std::string& word) const {
  const std::vector<std::string> path = split(word, '/');
  if (path.empty()) return std::nullopt;
  const auto found = names_.find(path[0]);
  if (found == names_.end()) return std::nullopt;
  if (path.size() == 1) return found->second;
  const auto job = JobId::from(found->second);
  if (!job) throw StoryError(path[0] + " is not a job");
  const TaskId task =
      market::task_id(*job, static_cast<std::uint32_t>(as_number(path[1]).value_or(0)));
  if (path.size() == 2) return Bytes(task.bytes.begin(), task.bytes.end());
  const auto replica =
      market::assignment_id(task, static_cast<std::uint32_t>(as_number(path[2]).value_or(0)));
  return Bytes(replica.bytes.begin(), replica.bytes.end());
}

std::uint64_t Words::number(const std::string& word) const {
  if (const auto number = as_number(word)) return *number;
  if (const auto span = as_milliseconds(word)) return *span;
  throw StoryError(word + " is not a number or a span of time");
}

Json Words::json(const std::string& word, const World* world) const {
  if (word.starts_with('"')) return word.substr(1, word.size() - 2);
  if (word == "true" || word == "false") return word == "true";
  if (word == "null") return nullptr;
  if (word == "nobody") return address_text({}, kStyle.network);
  if (word == "missing") return hex(Bytes(16, 0xff));
  if (word == "#0") return hex(Hash{}.bytes);
  if (word.starts_with('#')) return hex(hash_of(word.substr(1)).bytes);
  if (const auto bytes = id(word)) {
    const auto address = Address::from(*bytes);
    return address ? address_text(*address, kStyle.network) : hex(*bytes);
  }
  if (const auto number = as_number(word)) return std::to_string(*number);
  if (const auto span = as_milliseconds(word)) return std::to_string(*span);
  if (word.starts_with('[') || word.ends_with(')')) {
    const std::size_t open = word.find_first_of("[(");
    std::vector<Json> items;
    for (const auto& item : split(word.substr(open + 1, word.size() - open - 2), ',')) {
      items.push_back(json(item, world));
    }
    return open == 0 ? Json(items) : call(word.substr(0, open), items, world);
  }
  if (word.starts_with('+') && world) {  // An instant: so long after now.
    const auto span = as_milliseconds(word.substr(1));
    if (span) return std::to_string(world->state().clock().value() + *span);
  }
  return word;
}

Json Words::call(const std::string& function, const std::vector<Json>& arguments,
                 const World* world) const {
  const auto text = [&](std::size_t i) {
    if (i >= arguments.size()) throw StoryError(function + "() needs more");
    return plain(arguments[i]);
  };
  const auto hash = [&](std::size_t i) {
    Hash out;
    from_json(text(i), out, kStyle).value();
    return out;
  };
  if (function == "letters") return std::string(std::stoul(text(0)), 'x');
  if (function == "different") {  // different(3,eu) is [eu0,eu1,eu2]; hashes and ids likewise
    Json out = Json::array();
    for (unsigned long i = 0; i < std::stoul(text(0)); ++i) {
      const std::string item = text(1) + std::to_string(i);
      const Hash of_item = hash_of(item);
      out.push_back(text(1) == "hash" ? hex(of_item.bytes)
                    : text(1) == "id" ? hex(ByteView(of_item.bytes).first(16))
                                      : item);
    }
    return out;
  }
  if (function == "seal" && world) {  // seal(assignment, digest): the commitment to a result
    AssignmentId id;
    from_json(text(0), id, kStyle).value();
    const market::Assignment* assignment = world->state().get<market::Assignment>(id);
    if (!assignment) throw StoryError("there is no such assignment to seal a result for");
    return hex(market::commitment(id, assignment->provider, hash(1), hash_of("salt")).bytes);
  }
  if ((function == "stored" || function == "forged") && world) {  // stored(blob, for how long)
    const SecretKey seed = function == "stored" ? consensus_seed() : secret_of("nobody's seed");
    const TimeMs until(world->now().value() + std::stoull(text(1)));
    return to_json(market::sign_receipt(hash(0), 1000, until, seed), kStyle);
  }
  throw StoryError("there is no function " + function);
}

std::string plain(const Json& json) {
  return json.is_string() ? json.get<std::string>() : dump_json(json);
}

void set_member(Json& object, const std::string& path, Json value) {
  Json* place = &object;
  for (const std::string& name : split(path, '.')) place = &(*place)[name];
  *place = std::move(value);
}

Json record_json(const market::State& state, ByteView id) {
  Json out;
  const auto look = [&]<class Record>(const chain::Table<Record>& table) {
    const auto key = chain::Table<Record>::Key::from(id);
    const Record* record = key ? table.get(*key) : nullptr;
    if (record) out = to_json(*record, kStyle);
  };
  std::apply([&](const auto&... tables) { (look(tables), ...); }, state.tables);
  return out;
}

}  // namespace bourse::test
