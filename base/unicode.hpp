// SPDX-License-Identifier: Apache-2.0
//
// Unicode normalisation, so that one password typed on two keyboards is the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bourse {

/// The compatibility decomposition (NFKD) of UTF-8 text, or `bad_utf8`.
Result<std::string> nfkd(std::string_view text);

}  // namespace bourse
