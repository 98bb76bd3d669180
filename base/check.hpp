// SPDX-License-Identifier: Apache-2.0
//
// CHECK(condition) guards what can only be false through a bug or a corrupt state. It stays on in
// release builds and aborts, because a ledger that goes on after a broken assumption loses money.
// Input from outside is never checked with it: bad input is a typed error.
#pragma once

namespace bourse {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace bourse

#define CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::bourse::check_failed(#condition, __FILE__, __LINE__))
