// SPDX-License-Identifier: Apache-2.0
//
// What the pump sends: requests whose bytes are ready before the clock starts, and what becomes of
// the answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace bourse::bench {

struct Request {
  std::string_view bytes;
  /// Comes back with the answer.
  std::uint64_t ticket = 0;
};

class Workload {
 public:
  virtual ~Workload() = default;
  /// The next request; nothing when there is none at this moment.
  virtual std::optional<Request> next() = 0;
  /// Whether next() will give nothing more, whatever the answers that are still to come.
  virtual bool finished() const = 0;
  /// An error ends the run.
  virtual Result<void> answer(std::uint64_t ticket, unsigned status, std::string_view body) = 0;
};

}  // namespace bourse::bench
