// SPDX-License-Identifier: Apache-2.0
//
// A fuzz target: one file here that defines these two. It is linked with plain_main.cpp into a test
// that needs no special compiler, and with libfuzzer_main.cpp into a libFuzzer program (README.md).
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace bourse::fuzz {

/// Takes any bytes; stops the program where a promise about hostile input is broken.
void one(ByteView data);

/// Valid inputs to start from.
std::vector<Bytes> seeds();

}  // namespace bourse::fuzz
