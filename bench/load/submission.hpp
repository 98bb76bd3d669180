// SPDX-License-Identifier: Apache-2.0
//
// A stream of transactions as requests: JSON-RPC batches, JSON-RPC calls, or POST /tx. What the
// node is too full for is sent again later.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "bench/load/pump.hpp"

namespace bourse::bench {

enum class Wire : std::uint8_t { batch, single, bulk };

class Submission : public Workload {
 public:
  /// Builds all requests, `per_request` transactions in each.
  Submission(const std::vector<Bytes>& stream, Wire wire, std::size_t per_request);

  /// Sends at most so many transactions of the stream until the next call.
  void limit(std::size_t transactions);

  std::optional<Request> next() override;
  bool finished() const override;
  Result<void> answer(std::uint64_t ticket, unsigned status, std::string_view body) override;

  std::size_t accepted() const { return accepted_; }
  std::size_t retried() const { return retried_; }
  bool is_exhausted() const { return next_ == requests_.size(); }

 private:
  struct Again {
    std::string bytes;
    std::vector<std::size_t> transactions;
  };

  std::string request_text(const std::vector<std::size_t>& transactions) const;
  std::vector<std::size_t> transactions_of(std::uint64_t ticket) const;
  Result<void> settle(const std::vector<std::size_t>& transactions, std::string_view body);
  Result<void> refuse(std::size_t transaction, const std::string& kind, const std::string& why);

  const std::vector<Bytes>& stream_;
  const Wire wire_;
  const std::size_t per_request_;
  std::vector<std::string> requests_;
  std::size_t next_ = 0;
  std::size_t limit_ = 0;

  std::vector<std::size_t> refused_;
  std::map<std::uint64_t, Again> again_;
  Clock::time_point pause_until_;
  std::size_t accepted_ = 0;
  std::size_t retried_ = 0;
  std::size_t in_flight_ = 0;
};

}  // namespace bourse::bench
