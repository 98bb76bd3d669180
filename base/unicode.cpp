// SPDX-License-Identifier: Apache-2.0
#include "base/unicode.hpp"

#include <uninorm.h>
#include <unistr.h>

#include <cstdlib>
#include <memory>

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace bourse {

Result<std::string> nfkd(std::string_view text) {
  const ByteView in = as_bytes(text);
  if (u8_check(in.data(), in.size()) != nullptr) {
    return Error{"bad_utf8", "The text is not valid UTF-8; check the locale of the terminal."};
  }
  std::size_t size = 0;
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> out(
      u8_normalize(UNINORM_NFKD, in.data(), in.size(), nullptr, &size), &std::free);
  CHECK(out != nullptr || size == 0);
  return std::string(as_text({out.get(), size}));
}

}  // namespace bourse
