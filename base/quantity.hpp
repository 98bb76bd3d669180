// SPDX-License-Identifier: Apache-2.0
//
// Unsigned 64-bit quantities of one meaning. Adding money to a height does not compile. The plain
// operators CHECK for overflow, because an overflow there is a bug; numbers that a stranger chose
// go through checked_add, checked_sub and checked_mul, which return nothing on overflow.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "base/check.hpp"

namespace bourse {

template <class Tag>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const { return value_; }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;

  friend constexpr std::optional<Quantity> checked_add(Quantity a, Quantity b) {
    std::uint64_t out = 0;
    if (__builtin_add_overflow(a.value_, b.value_, &out)) return std::nullopt;
    return Quantity(out);
  }
  friend constexpr std::optional<Quantity> checked_sub(Quantity a, Quantity b) {
    if (a.value_ < b.value_) return std::nullopt;
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr std::optional<Quantity> checked_mul(Quantity a, std::uint64_t factor) {
    std::uint64_t out = 0;
    if (__builtin_mul_overflow(a.value_, factor, &out)) return std::nullopt;
    return Quantity(out);
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    const auto sum = checked_add(a, b);
    CHECK(sum.has_value());
    return *sum;
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    const auto difference = checked_sub(a, b);
    CHECK(difference.has_value());
    return *difference;
  }
  constexpr Quantity& operator+=(Quantity other) { return *this = *this + other; }
  constexpr Quantity& operator-=(Quantity other) { return *this = *this - other; }

  /// floor(this × numerator / denominator), computed in 128 bits. The result must fit.
  constexpr Quantity scaled(std::uint64_t numerator, std::uint64_t denominator) const {
    const auto wide = wide_scaled(numerator, denominator);
    CHECK(wide <= UINT64_MAX);
    return Quantity(static_cast<std::uint64_t>(wide));
  }
  /// The same, or `otherwise` when the result does not fit.
  constexpr Quantity scaled_or(std::uint64_t numerator, std::uint64_t denominator,
                               Quantity otherwise) const {
    const auto wide = wide_scaled(numerator, denominator);
    return wide <= UINT64_MAX ? Quantity(static_cast<std::uint64_t>(wide)) : otherwise;
  }

 private:
  constexpr unsigned __int128 wide_scaled(std::uint64_t numerator,
                                          std::uint64_t denominator) const {
    CHECK(denominator != 0);
    return static_cast<unsigned __int128>(value_) * numerator / denominator;
  }

  std::uint64_t value_ = 0;
};

/// Money in grains; 1 BRS is 10^9 grains and the supply is below 2^63.
using Amount = Quantity<struct AmountTag>;
/// The number of a block; the genesis state is height 0 and the first block is 1.
using Height = Quantity<struct HeightTag>;
/// How many transactions an account has had executed; the next one must carry this number.
using Nonce = Quantity<struct NonceTag>;
/// A span of time in milliseconds.
using DurationMs = Quantity<struct DurationTag>;
/// A point in time: milliseconds since 1970-01-01T00:00Z.
using TimeMs = Quantity<struct TimeTag>;

inline constexpr std::uint64_t kGrainsPerBrs = 1'000'000'000;

constexpr TimeMs operator+(TimeMs time, DurationMs span) { return time + TimeMs(span.value()); }
constexpr TimeMs operator-(TimeMs time, DurationMs span) { return time - TimeMs(span.value()); }
/// How long after `from` `to` is; zero when it is not after it.
constexpr DurationMs elapsed(TimeMs from, TimeMs to) {
  return DurationMs(to > from ? to.value() - from.value() : 0);
}
constexpr DurationMs seconds(std::uint64_t count) { return DurationMs(count * 1000); }

}  // namespace bourse
