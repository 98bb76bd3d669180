// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bourse {

/// Semantic version of the software; the protocol has a number of its own in the block header.
inline constexpr const char* kVersion = "0.1.0";

}  // namespace bourse
