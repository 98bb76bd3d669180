// SPDX-License-Identifier: Apache-2.0
//
// Where a wallet's password comes from: a file, or the terminal. Never the command line or the
// environment, which other processes can read.
#pragma once

#include <string>

#include "base/result.hpp"

namespace bourse::wallet {

inline constexpr std::size_t kPasswordCharactersMin = 10;

/// The first line of `file`, or what is typed when `file` is empty. A regular file must be private;
/// a pipe such as /dev/stdin need not. Error kinds: password_needed where nobody can be asked;
/// those of base/files.hpp.
Result<std::string> read_password(const std::string& file);

/// The same for a new wallet: typed twice, of at least kPasswordCharactersMin characters. Error
/// kinds: password_too_short, password_mismatch.
Result<std::string> choose_password(const std::string& file);

}  // namespace bourse::wallet
