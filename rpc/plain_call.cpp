// SPDX-License-Identifier: Apache-2.0
#include "rpc/plain_call.hpp"

#include <cstdint>
#include <cstring>

#include "rpc/json_rpc.hpp"

namespace bourse::rpc {
namespace {

constexpr std::size_t kIdBytesMax = 64;
/// Every number of so many digits fits in 64 bits.
constexpr std::size_t kIdDigitsMax = 18;

/// Whether a character stands for itself within a JSON string.
constexpr bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) < 0x80 && c != '"' &&
         c != '\\';
}

/// The same of eight at a time; they are most of what there is to read. A bit trick may see a byte
/// as special that follows a special one, which does no harm.
bool are_plain(const char* text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  const auto zeros = [](std::uint64_t w) { return (w - ones) & ~w; };
  const std::uint64_t special =
      word | (word - ones * ' ') | zeros(word ^ ones * '"') | zeros(word ^ ones * '\\');
  return (special & ones * 0x80) == 0;
}

/// Takes tokens off the front of the text; whitespace may stand before each.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : next_(text.data()), end_(next_ + text.size()) {}

  bool finished() {
    skip_space();
    return next_ == end_;
  }

  bool take(char wanted) {
    skip_space();
    if (next_ == end_ || *next_ != wanted) return false;
    ++next_;
    return true;
  }

  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const char* start = next_;
    while (end_ - next_ >= 8 && are_plain(next_)) next_ += 8;
    while (next_ != end_ && is_plain(*next_)) ++next_;
    if (next_ == end_ || *next_ != '"') return false;
    out = {start, static_cast<std::size_t>(next_ - start)};
    ++next_;
    return true;
  }

  /// A short string with its quotes, or digits without a zero in front.
  bool id(std::string_view& out) {
    skip_space();
    const char* start = next_;
    if (next_ != end_ && *next_ == '"') {
      std::string_view text;
      if (!string(text)) return false;
      out = {start, text.size() + 2};
      return out.size() <= kIdBytesMax;
    }
    while (next_ != end_ && *next_ >= '0' && *next_ <= '9') ++next_;
    out = {start, static_cast<std::size_t>(next_ - start)};
    return !out.empty() && out.size() <= kIdDigitsMax && (out[0] != '0' || out.size() == 1);
  }

 private:
  void skip_space() {
    while (next_ != end_ && (*next_ == ' ' || *next_ == '\t' || *next_ == '\n' || *next_ == '\r')) {
      ++next_;
    }
  }

  const char* next_;
  const char* end_;
};

bool read_params(Scanner& scan, PlainCall& call) {
  if (scan.take('[')) return scan.string(call.value) && scan.take(']');
  return scan.take('{') && scan.string(call.key) && !call.key.empty() && scan.take(':') &&
         scan.string(call.value) && scan.take('}');
}

bool read_call(Scanner& scan, PlainCall& call) {
  if (!scan.take('{')) return false;
  bool has_version = false;
  bool has_params = false;
  // Four members, and each of them only once, are all four.
  for (int i = 0; i < 4; ++i) {
    std::string_view name;
    if ((i > 0 && !scan.take(',')) || !scan.string(name) || !scan.take(':')) return false;
    if (name == "jsonrpc") {
      std::string_view version;
      if (has_version || !scan.string(version) || version != "2.0") return false;
      has_version = true;
    } else if (name == "id") {
      if (!call.id.empty() || !scan.id(call.id)) return false;
    } else if (name == "method") {
      if (!call.method.empty() || !scan.string(call.method) || call.method.empty()) return false;
    } else if (name == "params") {
      if (has_params || !read_params(scan, call)) return false;
      has_params = true;
    } else {
      return false;
    }
  }
  return scan.take('}');
}

}  // namespace

bool read_plain_body(std::string_view text, PlainBody& out) {
  Scanner scan(text);
  out.is_batch = scan.take('[');
  out.calls.clear();
  do {
    if (out.calls.size() == kBatchMax || !read_call(scan, out.calls.emplace_back())) return false;
  } while (out.is_batch && scan.take(','));
  return (!out.is_batch || scan.take(']')) && scan.finished();
}

}  // namespace bourse::rpc
