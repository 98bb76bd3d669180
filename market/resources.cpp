// SPDX-License-Identifier: Apache-2.0
#include "market/resources.hpp"

namespace bourse::market {

bool fits(const Bundle& need, const Bundle& capacity) {
  return need.cpu_milli <= capacity.cpu_milli && need.memory_mib <= capacity.memory_mib &&
         need.disk_mib <= capacity.disk_mib && need.gpus <= capacity.gpus;
}

Bundle add(const Bundle& a, const Bundle& b) {
  return {a.cpu_milli + b.cpu_milli, a.memory_mib + b.memory_mib, a.disk_mib + b.disk_mib,
          a.gpus + b.gpus};
}

Bundle subtract(const Bundle& a, const Bundle& b) {
  CHECK(fits(b, a));
  return {a.cpu_milli - b.cpu_milli, a.memory_mib - b.memory_mib, a.disk_mib - b.disk_mib,
          a.gpus - b.gpus};
}

std::optional<Amount> cost(const Prices& prices, const Bundle& bundle, std::uint64_t run_seconds) {
  unsigned __int128 per_hour = 0;
  // Four products of at most 2^31 · 2^63 and kRunSecondsMax below 2^20 stay under 2^116.
  per_hour += static_cast<unsigned __int128>(bundle.cpu_milli) * prices.cpu_milli_hour.value();
  per_hour += static_cast<unsigned __int128>(bundle.memory_mib) * prices.memory_mib_hour.value();
  per_hour += static_cast<unsigned __int128>(bundle.disk_mib) * prices.disk_mib_hour.value();
  per_hour += static_cast<unsigned __int128>(bundle.gpus) * prices.gpu_hour.value();
  const unsigned __int128 total = per_hour * run_seconds / 3600 + prices.start_fee.value();
  if (total > kAmountMax.value()) return std::nullopt;
  return Amount(static_cast<std::uint64_t>(total));
}

}  // namespace bourse::market
