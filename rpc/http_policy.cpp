// SPDX-License-Identifier: Apache-2.0
#include "rpc/http_policy.hpp"

#include <algorithm>

namespace bourse::rpc {
namespace {

constexpr std::size_t kPortDigitsMax = 5;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= kPortDigitsMax &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool host_allowed(std::string_view host, const std::vector<std::string>& names) {
  // The colons of an IPv6 address stand inside its brackets.
  const auto colon =
      host.find(':', host.starts_with('[') ? std::min(host.find(']'), host.size()) : 0);
  if (colon != std::string_view::npos) {
    if (!is_port(host.substr(colon + 1))) return false;
    host = host.substr(0, colon);
  }
  return std::ranges::any_of(names,
                             [&](const auto& name) { return equal_without_case(host, name); });
}

bool origin_allowed(std::string_view origin, std::string_view host, bool is_tls,
                    const std::vector<std::string>& allowed) {
  const std::string own = (is_tls ? "https://" : "http://") + std::string(host);
  return equal_without_case(origin, own) || std::ranges::find(allowed, origin) != allowed.end();
}

bool content_type_is(std::string_view content_type, std::string_view expected) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return equal_without_case(content_type, expected);
}

}  // namespace bourse::rpc
