// SPDX-License-Identifier: Apache-2.0
#include "bench/load/submission.hpp"

#include <algorithm>
#include <array>

#include "bench/load/http.hpp"
#include "bench/parallel.hpp"

namespace bourse::bench {
namespace {

/// How long to send nothing after the node said that it is full.
constexpr std::chrono::milliseconds kPause{5};

bool passes(std::string_view kind) {
  // A gap of nonces is the wake of an earlier refusal, and closes with it.
  static constexpr std::array<std::string_view, 4> kinds = {"busy", "mempool_full",
                                                            "account_queue_full", "nonce_gap"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string call_text(const Bytes& raw, std::size_t id) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tx_submit","params":{"tx":"0x)" + to_hex(raw) + R"("}})";
}

}  // namespace

Submission::Submission(const std::vector<Bytes>& stream, Wire wire, std::size_t per_request)
    : stream_(stream),
      wire_(wire),
      per_request_(wire == Wire::single ? 1 : per_request),
      requests_(stream.size() / per_request_) {
  in_parallel(requests_.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) requests_[i] = request_text(transactions_of(i));
  });
}

std::vector<std::size_t> Submission::transactions_of(std::uint64_t ticket) const {
  if (ticket >= requests_.size()) return again_.at(ticket).transactions;
  std::vector<std::size_t> out(per_request_);
  for (std::size_t i = 0; i < per_request_; ++i) out[i] = ticket * per_request_ + i;
  return out;
}

std::string Submission::request_text(const std::vector<std::size_t>& transactions) const {
  std::string body = wire_ == Wire::batch ? "[" : "";
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const Bytes& raw = stream_[transactions[i]];
    if (wire_ == Wire::bulk) {
      body += as_text(raw);
    } else {
      if (i > 0) body += ',';
      body += call_text(raw, i);
    }
  }
  if (wire_ == Wire::batch) body += ']';
  return (wire_ == Wire::bulk ? post_head("/tx", "application/cbor", body.size())
                              : post_head("/", "application/json", body.size())) +
         body;
}

void Submission::limit(std::size_t transactions) {
  limit_ = std::min(next_ + (transactions + per_request_ - 1) / per_request_, requests_.size());
}

bool Submission::finished() const { return next_ >= limit_ && refused_.empty() && in_flight_ == 0; }

std::optional<Request> Submission::next() {
  if (!refused_.empty() || pause_until_ != Clock::time_point{}) {
    if (Clock::now() < pause_until_) return std::nullopt;
    pause_until_ = {};
  }
  if (!refused_.empty()) {
    std::sort(refused_.begin(), refused_.end());
    const std::size_t count = std::min(per_request_, refused_.size());
    const auto end = refused_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<std::size_t> chosen(refused_.begin(), end);
    refused_.erase(refused_.begin(), end);
    const std::uint64_t ticket = requests_.size() + retried_;
    retried_ += count;
    Again& again = again_[ticket];
    again.bytes = request_text(chosen);
    again.transactions = std::move(chosen);
    ++in_flight_;
    return Request{again.bytes, ticket};
  }
  if (next_ >= limit_) return std::nullopt;
  ++in_flight_;
  return Request{requests_[next_], next_++};
}

Result<void> Submission::answer(std::uint64_t ticket, unsigned status, std::string_view body) {
  --in_flight_;
  const bool is_first = ticket < requests_.size();
  // Nearly every answer says that all is well, which is seen without looking at it closely.
  const bool is_fine =
      status == 200 && (wire_ == Wire::bulk ? body.find("\"refused\":[]") != body.npos
                                            : body.find("\"error\"") == body.npos);
  const auto count = is_first ? per_request_ : again_.at(ticket).transactions.size();
  if (is_fine) {
    accepted_ += count;
  } else if (status == 503) {
    for (const std::size_t tx : transactions_of(ticket)) TRY(refuse(tx, "busy", ""));
  } else if (status == 404 && wire_ == Wire::bulk) {
    return Error{"no_bulk_door", "this node has no POST /tx"};
  } else if (status != 200) {
    return Error{"http_refused", "HTTP " + std::to_string(status) + ": " + std::string(body)};
  } else {
    TRY(settle(transactions_of(ticket), body));
  }
  if (!is_first) again_.erase(ticket);
  return {};
}

/// Takes apart an answer in which something was refused.
Result<void> Submission::settle(const std::vector<std::size_t>& transactions,
                                std::string_view body) {
  Json answer = Json::parse(body, nullptr, false);
  if (answer.is_discarded()) return Error{"not_json", std::string(body)};
  if (wire_ == Wire::bulk) {
    const Json& refused = answer["refused"];
    for (const Json& one : refused) {
      TRY(refuse(transactions.at(one["index"].get<std::size_t>()), one.value("kind", ""), ""));
    }
    accepted_ += transactions.size() - refused.size();
    return {};
  }
  if (answer.is_object()) answer = Json::array({answer});
  for (const Json& one : answer) {
    const auto error = one.find("error");
    if (error == one.end()) {
      ++accepted_;
    } else if (!one["id"].is_number()) {
      return Error{"request_refused", error->dump()};
    } else {
      TRY(refuse(transactions.at(one["id"].get<std::size_t>()), (*error)["data"].value("kind", ""),
                 error->value("message", "")));
    }
  }
  return {};
}

Result<void> Submission::refuse(std::size_t transaction, const std::string& kind,
                                const std::string& why) {
  if (!passes(kind)) return Error{kind, "transaction " + std::to_string(transaction) + ": " + why};
  refused_.push_back(transaction);
  pause_until_ = Clock::now() + kPause;
  return {};
}

}  // namespace bourse::bench
