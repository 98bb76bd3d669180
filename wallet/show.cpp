// SPDX-License-Identifier: Apache-2.0
#include "wallet/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "market/job_spec.hpp"
#include "wallet/terminal.hpp"

namespace bourse::wallet {

std::string show(Amount amount, JsonStyle) { return market::brs_text(amount); }

std::string show(DurationMs span, JsonStyle) {
  if (span.value() % 1000 != 0) return fmt::format("{} ms", span.value());
  return fmt::format("{} s", span.value() / 1000);
}

std::string show(TimeMs time, JsonStyle) {
  if (time == TimeMs{}) return "-";
  const auto whole = static_cast<std::time_t>(time.value() / 1000);
  std::tm parts{};
  // A time that the calendar cannot hold is shown as the number it is.
  if (::gmtime_r(&whole, &parts) == nullptr) return std::to_string(time.value()) + " ms";
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return std::string(text, length);
}

std::string show(bool value, JsonStyle) { return value ? "yes" : "no"; }

std::string show(const std::string& text, JsonStyle) {
  std::string line = printable(text);
  std::replace(line.begin(), line.end(), '\n', '?');
  return line.empty() ? "-" : line;
}

std::string show(const Bytes& bytes, JsonStyle) { return "0x" + to_hex(bytes); }

std::string aligned(const Rows& rows, std::size_t indent) {
  std::size_t width = 0;
  for (const auto& [label, text] : rows) width = std::max(width, label.size());
  std::string out;
  for (const auto& [label, text] : rows) {
    out += fmt::format("{:{}}{:<{}}  {}\n", "", indent, label, width, text);
  }
  return out;
}

}  // namespace bourse::wallet
