// SPDX-License-Identifier: Apache-2.0
#include "bench/load/modes.hpp"

#include "base/bech32m.hpp"
#include "bench/load/http.hpp"
#include "bench/load/submission.hpp"
#include "bench/senders.hpp"

namespace bourse::bench {
namespace {

/// One of so many accounts is asked for: enough to leave no answer in a cache of the processor.
constexpr std::size_t kReadAccounts = 20'000;

/// The same requests over and over; an answer counts when it has `expected` in it.
class Repetition : public Workload {
 public:
  Repetition(std::vector<std::string> requests, std::string expected)
      : requests_(std::move(requests)), expected_(std::move(expected)) {}

  std::optional<Request> next() override { return Request{requests_[next_++ % requests_.size()]}; }
  bool finished() const override { return false; }
  Result<void> answer(std::uint64_t, unsigned status, std::string_view body) override {
    if (status != 200 || body.find(expected_) == body.npos) {
      return Error{"wrong_answer", "HTTP " + std::to_string(status) + ": " + std::string(body)};
    }
    ++answered;
    return {};
  }

  std::size_t answered = 0;

 private:
  const std::vector<std::string> requests_;
  const std::string expected_;
  std::size_t next_ = 0;
};

}  // namespace

Result<Json> reads(const LoadOptions& options) {
  const Senders senders(std::min(options.senders, kReadAccounts));
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < senders.size(); ++i) {
    // Prime to the number of senders: the accounts are asked in no order of the state.
    const Address& address = senders.address(i * 7919 % senders.size());
    const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"account_get","params":)"
                             R"({"address":")" +
                             address_text(address, Network::test) + R"("}})";
    requests.push_back(post_head("/", "application/json", body.size()) + body);
  }
  Repetition load(std::move(requests), options.mode == "echo" ? "account_get" : "\"balance\"");
  TRY(pump(options.pump, load, seconds_from(Clock::now(), 0.5)));
  load.answered = 0;
  const double cpu = cpu_seconds();
  const auto start = Clock::now();
  TRY(pump(options.pump, load, seconds_from(start, options.seconds)));
  const double seconds = seconds_since(start);
  return Json{{"mode", options.mode},
              {"seconds", seconds},
              {"answered", load.answered},
              {"rate", static_cast<double>(load.answered) / seconds},
              {"client_cpu", cpu_seconds() - cpu}};
}

Result<Json> run(const LoadOptions& options) {
  if (options.mode == "latency") return latency(options);
  if (options.mode == "reads" || options.mode == "echo") return reads(options);
  return submit(options);
}

}  // namespace bourse::bench
