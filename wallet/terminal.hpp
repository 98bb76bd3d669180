// SPDX-License-Identifier: Apache-2.0
//
// Talking with the person at the keyboard. Questions go to the controlling terminal even when
// standard input and output are redirected; where there is none, the caller gets an error and says
// which option answers instead.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace bourse::wallet {

/// Text that others wrote, made safe to show: control characters, with which a job's output or a
/// node could rewrite the screen, become `?`; line ends and tabs stay.
std::string printable(std::string_view text);

/// The line that was typed. Error kinds: no_terminal; interrupted for an end of input.
Result<std::string> ask(const std::string& question);
/// The same without showing what is typed.
Result<std::string> ask_hidden(const std::string& question);
/// Goes on at a `y` only. Error kinds: confirmation_needed where nobody can be asked; declined.
Result<void> confirm(const std::string& question);

/// All of standard input, up to a limit that no list of words reaches. Error: input_too_large.
Result<std::string> read_standard_input();

/// Rows under each other in columns; the first one is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace bourse::wallet
