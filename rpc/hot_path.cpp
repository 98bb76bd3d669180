// SPDX-License-Identifier: Apache-2.0
#include "rpc/hot_path.hpp"

#include <spdlog/spdlog.h>

#include "rpc/methods.hpp"

namespace bourse::rpc {
namespace {

bool is_submission(const PlainCall& call) {
  return call.method == "tx_submit" && (call.key.empty() || call.key == "tx");
}

/// The answers as one body: a batch's in brackets.
class Answers {
 public:
  explicit Answers(bool is_batch) : is_batch_(is_batch) {}
  void add(std::string_view answer) {
    if (is_batch_) text_ += text_.empty() ? '[' : ',';
    text_ += answer;
  }
  std::string take() {
    if (is_batch_) text_ += ']';
    return std::move(text_);
  }

 private:
  const bool is_batch_;
  std::string text_;
};

}  // namespace

HotPath::HotPath(const Backend& backend) : backend_(backend) {
  for (Method& method : all_methods(false)) {
    if (!method.call_plain) continue;
    methods_.emplace(method.name, HotMethod{method.params.at(0), std::move(method.call_plain)});
  }
}

const HotPath::HotMethod* HotPath::find(const PlainCall& call) const {
  const auto found = methods_.find(call.method);
  if (found == methods_.end()) return nullptr;
  return call.key.empty() || call.key == found->second.param ? &found->second : nullptr;
}

HotPath::Kind HotPath::recognise(std::string_view body, PlainBody& calls) const {
  if (!read_plain_body(body, calls)) return Kind::general;
  if (std::ranges::all_of(calls.calls, is_submission)) return Kind::submissions;
  const auto is_read = [this](const PlainCall& call) { return find(call) != nullptr; };
  return std::ranges::all_of(calls.calls, is_read) ? Kind::reads : Kind::general;
}

std::optional<std::string> HotPath::read(const PlainBody& body) const try {
  Answers answers(body.is_batch);
  std::size_t bytes = 0;
  std::string result;
  for (const PlainCall& call : body.calls) {
    result.clear();
    const auto done = find(call)->call(call.value, backend_, result);
    if (done && !*done) return std::nullopt;
    const std::string answer =
        done ? result_answer(call.id, result) : error_answer(call.id, RpcError(done.error()));
    bytes += answer.size() + 1;
    if (bytes > kResponseBytesMax) return std::nullopt;
    answers.add(answer);
  }
  return answers.take();
} catch (const std::exception&) {
  // The Dispatcher will meet it again, and knows what to say.
  return std::nullopt;
}

std::optional<std::string> HotPath::submit(const PlainBody& body) const {
  std::vector<Bytes> raws;
  raws.reserve(body.calls.size());
  for (const PlainCall& call : body.calls) {
    if (!call.value.starts_with("0x")) return std::nullopt;
    auto raw = from_hex(call.value.substr(2));
    if (!raw) return std::nullopt;
    raws.push_back(std::move(*raw));
  }
  return submit_all(body, std::move(raws));
}

std::string HotPath::submit_all(const PlainBody& body, std::vector<Bytes> raws) const try {
  const auto results = backend_.engine.submit_all(std::move(raws));
  Answers answers(body.is_batch);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string_view id = body.calls[i].id;
    answers.add(results[i] ? result_answer(id, R"({"id":"0x)" + to_hex(results[i]->bytes) + "\"}")
                           : error_answer(id, RpcError(results[i].error())));
  }
  return answers.take();
} catch (const std::exception& failure) {
  spdlog::error("the engine threw: {}", failure.what());
  return refuse(body, RpcError());
}

std::string HotPath::refuse(const PlainBody& body, const RpcError& error) {
  Answers answers(body.is_batch);
  for (const PlainCall& call : body.calls) answers.add(error_answer(call.id, error));
  return answers.take();
}

}  // namespace bourse::rpc
