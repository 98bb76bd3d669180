// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bourse::fuzz::one({data, size});
  return 0;
}
