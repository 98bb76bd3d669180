// SPDX-License-Identifier: Apache-2.0
#include "node/config.hpp"

#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/json_fields.hpp"

namespace bourse::node {
namespace {

Error invalid(std::string why) { return Error{"config_invalid", "config.toml: " + std::move(why)}; }

Result<Json> to_json(const ::toml::node& node) {
  Result<Json> out =
      invalid(fmt::format("line {}: only texts, whole numbers, true, false, lists "
                          "and tables have a meaning here",
                          node.source().begin.line));
  if (const auto* text = node.as_string()) out = Json(text->get());
  if (const auto* number = node.as_integer()) out = Json(number->get());
  if (const auto* flag = node.as_boolean()) out = Json(flag->get());
  if (const auto* list = node.as_array()) {
    Json items = Json::array();
    for (const ::toml::node& item : *list) {
      TRY_ASSIGN(Json value, to_json(item));
      items.push_back(std::move(value));
    }
    out = std::move(items);
  }
  if (const auto* table = node.as_table()) {
    Json members = Json::object();
    for (const auto& [key, value] : *table) {
      TRY_ASSIGN(members[std::string(key.str())], to_json(value));
    }
    out = std::move(members);
  }
  return out;
}

/// Reads the members that `json` has into `value` and leaves the others at their defaults.
template <HasFields T>
Result<void> merge(const Json& json, T& value, const std::string& path) {
  if (const auto known = refuse_unknown_keys(json, field_names<T>()); !known) {
    return invalid(path + known.error().message);
  }
  Result<void> result;
  for_each_field(value, [&](const auto& field, auto& member) {
    const auto found = json.find(std::string(field.name));
    if (result.has_error() || found == json.end()) return;
    if constexpr (HasFields<std::decay_t<decltype(member)>>) {
      result = merge(*found, member, path + std::string(field.name) + ": ");
    } else if (const auto read = from_json(*found, member, JsonStyle{}); !read) {
      result = invalid(path + std::string(field.name) + ": " + read.error().message);
    }
  });
  return result;
}

}  // namespace

Result<Config> parse_config(std::string_view text) {
  const ::toml::parse_result parsed = ::toml::parse(text);
  if (!parsed) {
    return invalid(fmt::format("line {}: {}", parsed.error().source().begin.line,
                               parsed.error().description()));
  }
  TRY_ASSIGN(const Json json, to_json(parsed.table()));
  Config config;
  TRY(merge(json, config, ""));
  return config;
}

std::string config_text(const Config& config) {
  std::string out =
      "# The node reads this file once, at start. Keys that are left out have these values.\n";
  for_each_field(config, [&](const auto& section, const auto& table) {
    out += fmt::format("\n# {}\n[{}]\n", section.doc, section.name);
    for_each_field(table, [&](const auto& field, const auto& value) {
      out += fmt::format("# {}\n{} = {}\n", field.doc, field.name,
                         dump_json(bourse::to_json(value, JsonStyle{})));
    });
  });
  return out;
}

}  // namespace bourse::node
