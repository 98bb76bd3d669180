// SPDX-License-Identifier: Apache-2.0
#include "wallet/terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/bytes.hpp"
#include "base/cbor.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"

namespace bourse::wallet {
namespace {

constexpr std::size_t kInputMax = 64 * 1024;

constexpr char kInterruptKey = 3;

/// Switches the echo off for as long as it lives. A signal meanwhile would leave the terminal
/// silent, so until then Ctrl-C is a character that ends the line.
class Silence {
 public:
  explicit Silence(int fd) : fd_(fd), active_(::tcgetattr(fd, &before_) == 0) {
    if (!active_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    silent.c_cc[VEOL] = kInterruptKey;
    ::tcsetattr(fd, TCSAFLUSH, &silent);
  }
  ~Silence() {
    if (active_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int fd_;
  termios before_{};
  bool active_;
};

void say(int fd, std::string_view text) {
  // A question that cannot be shown is followed by an answer that cannot be read.
  if (::write(fd, text.data(), text.size()) < 0) return;
}

/// A byte at a time, because what follows the line belongs to the next question.
Result<std::string> read_line(int fd) {
  std::string line;
  const Error interrupted{"interrupted", "the input ended before an answer"};
  for (;;) {
    char c = 0;
    const ssize_t count = ::read(fd, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || c == kInterruptKey) {
      secure_zero(line.data(), line.size());
      return interrupted;
    }
    if (c == '\n') return line;
    if (line.size() < kInputMax) line.push_back(c);
  }
}

Result<UniqueFd> open_terminal() {
  UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) return Error{"no_terminal", "there is no terminal to ask on"};
  return terminal;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out(text);
  if (!is_utf8(text)) {
    for (char& c : out) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    const bool is_control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    // The C1 controls are U+0080 to U+009F: 0xc2 and one byte below 0xa0.
    const bool is_c1 =
        byte == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0;
    if (is_c1) out.erase(i + 1, 1);
    if (is_control || is_c1) out[i] = '?';
  }
  return out;
}

Result<std::string> ask(const std::string& question) {
  TRY_ASSIGN(const UniqueFd terminal, open_terminal());
  say(terminal.get(), question);
  return read_line(terminal.get());
}

Result<std::string> ask_hidden(const std::string& question) {
  TRY_ASSIGN(const UniqueFd terminal, open_terminal());
  auto line = [&] {
    // Silent before the question is seen: an answer may follow it at once.
    const Silence silence(terminal.get());
    say(terminal.get(), question);
    return read_line(terminal.get());
  }();
  say(terminal.get(), "\n");
  return line;
}

Result<void> confirm(const std::string& question) {
  const auto answer = ask(question + " [y/N] ");
  if (!answer && answer.error().kind == "no_terminal") {
    return Error{"confirmation_needed",
                 "there is no terminal to ask on; pass --yes to go on without a question"};
  }
  if (answer && (*answer == "y" || *answer == "Y" || *answer == "yes")) return {};
  return Error{"declined", "nothing was signed or changed"};
}

Result<std::string> read_standard_input() {
  std::string out;
  for (;;) {
    char buffer[4096];
    const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error{"input_error", "standard input cannot be read"};
    if (count == 0) return out;
    out.append(buffer, static_cast<std::size_t>(count));
    if (out.size() > kInputMax) return Error{"input_too_large", "standard input is too long"};
  }
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace bourse::wallet
