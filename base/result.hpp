// SPDX-License-Identifier: Apache-2.0
//
// Result<T> is a value or an Error; nothing below wallet/ throws on bad input. A function that can
// only succeed or fail returns Result<void>. Consensus code uses Result<T, TxError> (market/).
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace bourse {

/// What went wrong. `kind` is a stable snake_case name that programs match on; `message` is a
/// sentence for people that says what to do next where there is something to do.
struct Error {
  std::string kind;
  std::string message;

  Error() = default;
  Error(std::string kind_name, std::string sentence)
      : kind(std::move(kind_name)), message(std::move(sentence)) {}
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T, class E = Error>
using Result = boost::system::result<T, E>;

/// Called by Result::value() on an error: only tests and main functions do that.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::runtime_error(error.kind + ": " + error.message);
}

}  // namespace bourse

/// Returns the error of `expression` from the enclosing function, or goes on.
#define TRY(expression)                                           \
  do {                                                            \
    if (auto try_result = (expression); try_result.has_error()) { \
      return try_result.error();                                  \
    }                                                             \
  } while (false)

#define BOURSE_CONCAT_(a, b) a##b
#define BOURSE_CONCAT(a, b) BOURSE_CONCAT_(a, b)
#define TRY_ASSIGN_(declaration, expression, name) \
  auto name = (expression);                        \
  if (name.has_error()) return name.error();       \
  declaration = std::move(*name)

/// TRY_ASSIGN(auto x, f()) declares x with the value of f(), or returns f()'s error.
#define TRY_ASSIGN(declaration, expression) \
  TRY_ASSIGN_(declaration, expression, BOURSE_CONCAT(try_result_, __LINE__))
