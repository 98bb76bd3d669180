// SPDX-License-Identifier: Apache-2.0
#include "wallet/password.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {
namespace {

constexpr std::size_t kFileBytesMax = 4096;

Result<std::string> from_file(const std::string& file) {
  std::error_code ignored;
  const bool is_pipe = std::filesystem::is_fifo(file, ignored);
  TRY_ASSIGN(Bytes bytes,
             is_pipe ? read_file(file, kFileBytesMax) : read_private_file(file, kFileBytesMax));
  const WipeOnExit wipe(bytes);
  std::string_view line = as_text(bytes);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
}

Result<std::string> type_in(const std::string& question) {
  auto typed = ask_hidden(question);
  if (!typed && typed.error().kind == "no_terminal") {
    return Error{"password_needed",
                 "there is no terminal to ask for the password; pass --password-file FILE"};
  }
  return typed;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

Result<std::string> read_password(const std::string& file) {
  return file.empty() ? type_in("Password of the wallet: ") : from_file(file);
}

Result<std::string> choose_password(const std::string& file) {
  TRY_ASSIGN(std::string password,
             file.empty() ? type_in("Password for the new wallet: ") : from_file(file));
  const WipeOnExit wipe(password);
  if (characters(password) < kPasswordCharactersMin) {
    return Error{"password_too_short", "a password has at least " +
                                           std::to_string(kPasswordCharactersMin) + " characters"};
  }
  if (file.empty()) {
    TRY_ASSIGN(std::string again, type_in("The same again: "));
    const WipeOnExit wipe_again(again);
    if (again != password) return Error{"password_mismatch", "the two passwords differ"};
  }
  return password;
}

}  // namespace bourse::wallet
