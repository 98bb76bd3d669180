// SPDX-License-Identifier: Apache-2.0
//
// The words of a story (README.md beside it): names of accounts and objects, amounts, spans of
// time, and the few things that have to be computed. A word becomes the JSON that the field tables
// read, so the words know nothing of transaction types.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "tests/support/world.hpp"

namespace bourse::test {

/// What is wrong with a line of a story.
struct StoryError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Splits at blanks outside of quotes.
std::vector<std::string> split_words(const std::string& line);

class Words {
 public:
  /// `id` is an address or the id of an object.
  void name(const std::string& word, Bytes id) { names_[word] = std::move(id); }
  /// The id behind a name or a path such as J1/0/2 (third replica of the first task of J1).
  std::optional<Bytes> id(const std::string& word) const;
  /// The number or the span of time in ms that the word says.
  std::uint64_t number(const std::string& word) const;
  /// The JSON of a word. `world` tells the time and the state; it may be nullptr before the start.
  Json json(const std::string& word, const World* world) const;

 private:
  Json call(const std::string& function, const std::vector<Json>& arguments,
            const World* world) const;
  std::map<std::string, Bytes> names_;
};

/// How a JSON value is compared and shown: strings without quotes.
std::string plain(const Json& json);

/// Sets the member at `path` ("terms.bundle.gpus") of an object.
void set_member(Json& object, const std::string& path, Json value);

/// The record of that id, whatever table it is in, as JSON; null when there is none.
Json record_json(const market::State& state, ByteView id);

}  // namespace bourse::test
