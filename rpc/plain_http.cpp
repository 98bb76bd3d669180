// SPDX-License-Identifier: Apache-2.0
#include "rpc/plain_http.hpp"

#include <algorithm>
#include <charconv>

#include "rpc/http_policy.hpp"

namespace bourse::rpc {
namespace {

/// Fields that change nothing about the request.
constexpr std::string_view kIdleFields[] = {"user-agent", "accept", "accept-encoding",
                                            "accept-language"};

bool is_visible(char c) { return c > ' ' && c <= '~'; }

/// The next line without its end; nothing when it is incomplete.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

/// False when the field was there already or has no value.
bool take_once(std::string_view& member, std::string_view value) {
  if (!member.empty()) return false;
  member = value;
  return !value.empty();
}

bool read_field(std::string_view line, PlainHead& head, std::string_view& length) {
  const std::size_t colon = line.find(": ");
  if (colon == line.npos) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 2);
  if (!std::ranges::all_of(value, [](char c) { return c == ' ' || is_visible(c); })) return false;
  if (equal_without_case(name, "host")) return take_once(head.host, value);
  if (equal_without_case(name, "content-type")) return take_once(head.content_type, value);
  if (equal_without_case(name, "content-length")) return take_once(length, value);
  if (equal_without_case(name, "connection")) return equal_without_case(value, "keep-alive");
  return std::ranges::any_of(kIdleFields,
                             [&](auto idle) { return equal_without_case(name, idle); });
}

}  // namespace

std::optional<PlainHead> read_plain_head(std::string_view text) {
  constexpr std::string_view start = "POST ";
  constexpr std::string_view version = " HTTP/1.1";
  std::string_view rest = text;
  const auto first = take_line(rest);
  if (!first || !first->starts_with(start) || !first->ends_with(version)) return std::nullopt;
  PlainHead head;
  head.path = first->substr(start.size());
  head.path.remove_suffix(std::min(version.size(), head.path.size()));
  if (!std::ranges::all_of(head.path, is_visible)) return std::nullopt;
  std::string_view length;
  while (true) {
    const auto line = take_line(rest);
    if (!line) return std::nullopt;
    if (line->empty()) break;
    if (!read_field(*line, head, length)) return std::nullopt;
  }
  const char* end = length.data() + length.size();
  const auto [stop, status] = std::from_chars(length.data(), end, head.content_length);
  if (status != std::errc{} || stop != end || head.host.empty()) return std::nullopt;
  head.bytes = text.size() - rest.size();
  return head;
}

}  // namespace bourse::rpc
