// SPDX-License-Identifier: Apache-2.0
#include "rpc/json_rpc.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/json_fields.hpp"

namespace bourse::rpc {
namespace {

std::string error_text(const Json& id, const RpcError& error) {
  return error_answer(dump_json(id), error);
}

RpcError invalid_request(std::string text) {
  return RpcError(kInvalidRequest, "invalid_request", std::move(text));
}

RpcError invalid_params(std::string text) {
  return RpcError(kInvalidParams, "invalid_params", std::move(text));
}

RpcError too_large() {
  return RpcError(kBourseError, "response_too_large",
                  "the answer is larger than " + std::to_string(kResponseBytesMax) +
                      " bytes; ask for less at a time");
}

bool is_id(const Json& id) { return id.is_string() || id.is_number() || id.is_null(); }

/// What is wrong with the envelope of a request, if anything (JSON-RPC 2.0, section 4).
std::optional<std::string> envelope_fault(const Json& request) {
  const auto version = request.find("jsonrpc");
  if (version == request.end() || *version != "2.0") return "\"jsonrpc\" must be \"2.0\"";
  const auto method = request.find("method");
  if (method == request.end() || !method->is_string()) return "\"method\" must be a string";
  const auto params = request.find("params");
  if (params != request.end() && !params->is_structured()) {
    return "\"params\" must be an object or an array, or absent";
  }
  const auto id = request.find("id");
  if (id != request.end() && !is_id(*id)) return "\"id\" must be a string, a number or null";
  return std::nullopt;
}

RpcResult named_params(const std::vector<std::string>& names, const Json* params) {
  if (params == nullptr) return Json::object();
  if (params->is_object()) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    if (const auto known = refuse_unknown_keys(*params, views); !known) {
      return invalid_params(known.error().message);
    }
    return *params;
  }
  if (params->size() > names.size()) {
    return invalid_params("takes at most " + std::to_string(names.size()) + " parameters, got " +
                          std::to_string(params->size()));
  }
  Json named = Json::object();
  for (std::size_t i = 0; i < params->size(); ++i) named[names[i]] = (*params)[i];
  return named;
}

}  // namespace

bool passes_with_time(std::string_view kind) {
  static constexpr std::string_view kinds[] = {"node_unreachable",
                                               "timeout",
                                               "busy",
                                               "mempool_full",
                                               "account_queue_full",
                                               "disk_low",
                                               "blob_store_full",
                                               "engine_not_running"};
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

RpcError::RpcError(int error_code, std::string_view kind, std::string text)
    : code(error_code),
      message(std::move(text)),
      data({{"kind", std::string(kind)}, {"retryable", passes_with_time(kind)}}) {}

std::string result_answer(std::string_view id, std::string_view result) {
  static constexpr std::string_view start = R"({"jsonrpc":"2.0","result":)";
  static constexpr std::string_view middle = R"(,"id":)";
  std::string out;
  out.reserve(start.size() + result.size() + middle.size() + id.size() + 1);
  out.append(start).append(result).append(middle).append(id).append("}");
  return out;
}

std::string error_answer(std::string_view id, const RpcError& error) {
  const Json text = {{"code", error.code}, {"message", error.message}, {"data", error.data}};
  return R"({"jsonrpc":"2.0","error":)" + dump_json(text) + R"(,"id":)" + std::string(id) + "}";
}

Result<Json> result_of(const Json& answer, std::uint64_t id) {
  const Error bad{"node_bad_answer",
                  "the node's answer is not JSON-RPC 2.0; is this a Bourse node?"};
  if (!answer.is_object() || answer.value("id", Json()) != id) return bad;
  if (const auto result = answer.find("result"); result != answer.end()) {
    return Result<Json>(boost::system::in_place_value, *result);
  }
  const Json error = answer.value("error", Json());
  const Json message = error.is_object() ? error.value("message", Json()) : Json();
  if (!message.is_string()) return bad;
  const Json data = error.value("data", Json());
  const Json kind = data.is_object() ? data.value("kind", Json()) : Json();
  return Error{kind.is_string() ? kind.get<std::string>() : "rpc_error",
               message.get<std::string>()};
}

void Dispatcher::add(std::string name, std::vector<std::string> params, Handler handler) {
  CHECK(methods_.emplace(std::move(name), Method{std::move(params), std::move(handler)}).second);
}

const Dispatcher::Method* Dispatcher::find(const std::string& name) const {
  const auto found = methods_.find(name);
  return found == methods_.end() ? nullptr : &found->second;
}

RpcResult Dispatcher::call(const std::string& name, const Json* params,
                           const Dispatcher* session) const {
  const Method* method = session == nullptr ? nullptr : session->find(name);
  if (method == nullptr) method = find(name);
  if (method == nullptr) {
    return RpcError(kMethodNotFound, "method_not_found",
                    "there is no method \"" + name.substr(0, 64) + "\"; rpc.discover lists all");
  }
  TRY_ASSIGN(const Json named, named_params(method->params, params));
  // A handler that throws is a bug or a lack of memory; the caller learns no detail of either.
  try {
    return method->handler(named);
  } catch (const std::exception& failure) {
    spdlog::error("rpc method {} threw: {}", name, failure.what());
  } catch (...) {
    spdlog::error("rpc method {} threw", name);
  }
  return RpcError();
}

std::optional<std::string> Dispatcher::answer(const Json& request, const Dispatcher* session,
                                              std::size_t room) const {
  if (!request.is_object()) return error_text(nullptr, invalid_request("not an object"));
  const auto id_member = request.find("id");
  const bool is_notification = id_member == request.end();
  const Json id = is_notification || !is_id(*id_member) ? Json(nullptr) : *id_member;
  // An invalid request is answered even without an id: nobody can tell that it was a notification.
  if (const auto fault = envelope_fault(request)) return error_text(id, invalid_request(*fault));
  // Once a batch's answer is full, the calls that are left are refused instead of executed.
  if (room == 0 && !is_notification) return error_text(id, too_large());

  const auto params = request.find("params");
  const auto result = call(request["method"].get_ref<const std::string&>(),
                           params == request.end() ? nullptr : &*params, session);
  if (is_notification) return std::nullopt;
  if (!result) return error_text(id, result.error());
  std::string text = result_answer(dump_json(id), dump_json(*result));
  if (text.size() > room) return error_text(id, too_large());
  return text;
}

std::string Dispatcher::answer_batch(const Json& batch, const Dispatcher* session) const {
  std::string out;
  for (const Json& request : batch) {
    const std::size_t room = kResponseBytesMax - std::min(out.size(), kResponseBytesMax);
    const auto text = answer(request, session, room);
    if (!text) continue;
    out += out.empty() ? '[' : ',';
    out += *text;
  }
  return out.empty() ? out : out + ']';
}

std::optional<std::string> Dispatcher::handle(std::string_view body,
                                              const Dispatcher* session) const {
  const auto parsed = parse_json(body);
  if (!parsed) {
    return error_text(nullptr, RpcError(kParseError, parsed.error().kind, parsed.error().message));
  }
  if (!parsed->is_array()) return answer(*parsed, session, kResponseBytesMax);
  if (parsed->empty()) return error_text(nullptr, invalid_request("the batch is empty"));
  if (parsed->size() > kBatchMax) {
    return error_text(nullptr, RpcError(kInvalidRequest, "batch_too_large",
                                        "a batch holds at most " + std::to_string(kBatchMax) +
                                            " calls; split it"));
  }
  std::string text = answer_batch(*parsed, session);
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace bourse::rpc
