// SPDX-License-Identifier: Apache-2.0
//
// What is bought and sold: bundles of resources, the classes that they come in, and what they cost.
// SPEC 5.1.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/fields.hpp"
#include "base/ids.hpp"
#include "base/quantity.hpp"

namespace bourse::market {

/// The supply, and so any amount, is below 2^63.
inline constexpr Amount kAmountMax{(1ULL << 63) - 1};
/// No machine has more than this of anything; products with it fit in 128 bits.
inline constexpr std::uint32_t kResourceMax = 1U << 31;
/// A batch task runs for at most a week.
inline constexpr std::uint32_t kRunSecondsMax = 7 * 24 * 3600;

enum class Arch : std::uint8_t { amd64, arm64, riscv64 };
constexpr auto enum_names(Arch) {
  return std::array<std::string_view, 3>{"amd64", "arm64", "riscv64"};
}

struct Bundle {
  std::uint32_t cpu_milli = 0;
  std::uint32_t memory_mib = 0;
  std::uint32_t disk_mib = 0;
  std::uint32_t gpus = 0;

  static constexpr auto fields() {
    return std::tuple{field("cpu_milli", &Bundle::cpu_milli, "Thousandths of a virtual CPU."),
                      field("memory_mib", &Bundle::memory_mib, "Memory in MiB."),
                      field("disk_mib", &Bundle::disk_mib, "Disk for outputs and scratch, in MiB."),
                      field("gpus", &Bundle::gpus, "Whole GPUs.")};
  }
  friend bool operator==(const Bundle&, const Bundle&) = default;
};

/// Whether `capacity` holds `need` in every dimension.
bool fits(const Bundle& need, const Bundle& capacity);
Bundle add(const Bundle& a, const Bundle& b);
/// `b` must fit in `a`.
Bundle subtract(const Bundle& a, const Bundle& b);

/// Grains per hour for one unit of each resource, and a fee per run.
struct Prices {
  Amount cpu_milli_hour;
  Amount memory_mib_hour;
  Amount disk_mib_hour;
  Amount gpu_hour;
  Amount start_fee;

  static constexpr auto fields() {
    return std::tuple{
        field("cpu_milli_hour", &Prices::cpu_milli_hour, "Grains per hour for 1/1000 vCPU."),
        field("memory_mib_hour", &Prices::memory_mib_hour, "Grains per hour for 1 MiB of memory."),
        field("disk_mib_hour", &Prices::disk_mib_hour, "Grains per hour for 1 MiB of disk."),
        field("gpu_hour", &Prices::gpu_hour, "Grains per hour for one GPU."),
        field("start_fee", &Prices::start_fee, "Grains for each run, whatever its length.")};
  }
};

/// start_fee + floor(Σ quantity × price × seconds / 3600), or nothing when that is above
/// kAmountMax. Rounding happens once, in 128 bits.
std::optional<Amount> cost(const Prices& prices, const Bundle& bundle, std::uint64_t run_seconds);

}  // namespace bourse::market
