// SPDX-License-Identifier: Apache-2.0
//
// Which Host and Origin a request may name. A web page can make its reader's browser talk to a
// node on loopback (DNS rebinding, cross-site requests); it cannot make it lie in these headers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bourse::rpc {

/// ASCII letters only.
bool equal_without_case(std::string_view a, std::string_view b);

/// Whether `host` is one of `names`, with or without a port. Names are compared without case.
bool host_allowed(std::string_view host, const std::vector<std::string>& names);

/// Whether `origin` is the server itself, as `host` names it, or on the list.
bool origin_allowed(std::string_view origin, std::string_view host, bool is_tls,
                    const std::vector<std::string>& allowed);

/// Whether `content_type` is `expected`, whatever its parameters.
bool content_type_is(std::string_view content_type, std::string_view expected);

}  // namespace bourse::rpc
