// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <set>
#include <vector>

namespace bourse {
namespace {

/// Follows the parser event by event and stops it at the first thing that the profile forbids.
class Guard : public nlohmann::json_sax<Json> {
 public:
  explicit Guard(Json& out) : dom_(out, false) {}

  bool null() override { return dom_.null(); }
  bool boolean(bool value) override { return dom_.boolean(value); }
  bool number_integer(number_integer_t value) override { return dom_.number_integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return dom_.number_unsigned(value); }
  // The parser reports integers beyond 64 bits here as well, as a rounded double.
  bool number_float(number_float_t, const string_t& text) override {
    return refuse("json_number", "number is not a 64-bit integer: " + text.substr(0, 40) +
                                     "; write amounts as decimal strings");
  }
  bool string(string_t& value) override { return dom_.string(value); }
  bool binary(binary_t&) override { return refuse("json_syntax", "binary value"); }
  bool start_object(std::size_t size) override {
    keys_.emplace_back();
    return enter() && dom_.start_object(size);
  }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) {
      return refuse("json_duplicate_key", "key appears twice: " + name.substr(0, 64));
    }
    return dom_.key(name);
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return dom_.end_object();
  }
  bool start_array(std::size_t size) override { return enter() && dom_.start_array(size); }
  bool end_array() override {
    --depth_;
    return dom_.end_array();
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse("json_syntax", "not JSON at byte " + std::to_string(position));
  }

  const Error& error() const { return error_; }

 private:
  bool enter() {
    if (++depth_ <= kJsonDepthMax) return true;
    return refuse("json_too_deep", "nested deeper than " + std::to_string(kJsonDepthMax));
  }
  bool refuse(const char* kind, std::string message) {
    error_ = Error{kind, std::move(message)};
    return false;
  }

  nlohmann::detail::json_sax_dom_parser<Json> dom_;
  std::vector<std::set<std::string>> keys_;
  int depth_ = 0;
  Error error_{"json_syntax", "not JSON"};
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  // The parser takes a zero byte for the end of the text and would not see what stands behind it.
  if (text.find('\0') != text.npos) return Error{"json_syntax", "a zero byte is not JSON"};
  Json out;
  Guard guard(out);
  if (!Json::sax_parse(text.begin(), text.end(), &guard)) return guard.error();
  return Result<Json>(boost::system::in_place_value, std::move(out));
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump_json_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace bourse
