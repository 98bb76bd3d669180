// SPDX-License-Identifier: Apache-2.0
//
// Reading the published test vectors of tests/vectors/.
#pragma once

#include <string>

#include "base/files.hpp"
#include "base/json.hpp"

namespace bourse::test {

inline std::string vector_text(const std::string& name) {
  const Bytes bytes = read_file(BOURSE_SOURCE_DIR "/tests/vectors/" + name, 1 << 20).value();
  return std::string(as_text(bytes));
}

inline Json vector_json(const std::string& name) { return parse_json(vector_text(name)).value(); }

/// Bytes of hex that a test wrote; throws when it is not hex.
inline Bytes unhex(const std::string& hex) { return from_hex(hex).value(); }

template <class Id>
Id unhex_id(const std::string& hex) {
  return Id::from(unhex(hex)).value();
}

}  // namespace bourse::test
