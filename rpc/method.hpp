// SPDX-License-Identifier: Apache-2.0
//
// A typed RPC method: parameters and reply are structs with field tables, from which come parsing,
// the reply's JSON and the OpenRPC schema. A method is one file in rpc/method/ and one line in
// rpc/methods.hpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json_text.hpp"
#include "base/schema.hpp"
#include "market/json.hpp"
#include "rpc/backend.hpp"
#include "rpc/json_rpc.hpp"

namespace bourse::rpc {

struct Method {
  std::string name;
  std::string doc;
  Json params_schema;
  Json reply_schema;
  std::vector<std::string> params;
  std::function<RpcResult(const Json& params, const Backend& backend)> call;
  /// Empty unless it is a hot_method: appends the result for the only parameter, which is a JSON
  /// string; false, with nothing done, when the parameter cannot be read.
  std::function<Result<bool>(std::string_view, const Backend&, std::string& out)> call_plain;
};

/// A method without parameters.
struct NoParams {
  static constexpr auto fields() { return std::tuple{}; }
};

/// A page of a list, newest first: pass `next_cursor` as `cursor` to go on; null at the end.
template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<std::string> next_cursor;

  static constexpr auto fields() {
    return std::tuple{field("items", &Page::items, "The items, newest first."),
                      field("next_cursor", &Page::next_cursor, "Where to go on; null at the end.")};
  }
};

inline constexpr std::uint32_t kPageMax = 200;
inline constexpr std::uint32_t kPageDefault = 50;
/// How many records one call looks through before it answers with a cursor instead.
inline constexpr std::uint32_t kScanMax = 20'000;

/// The records of `table` that `wanted` accepts, below `cursor`. Error kind: cursor_invalid.
template <class Record, class Wanted>
Result<Page<Record>> page_of(const chain::Table<Record>& table,
                             const std::optional<std::string>& cursor,
                             const std::optional<std::uint32_t>& limit, Wanted&& wanted) {
  std::uint64_t index = table.size();
  if (cursor) {
    const auto start = read_u64(Json(*cursor), table.size());
    if (!start) return Error{"cursor_invalid", "pass a next_cursor of this method as cursor"};
    index = *start;
  }
  const std::uint32_t count = std::clamp(limit.value_or(kPageDefault), 1U, kPageMax);
  Page<Record> page;
  for (std::uint32_t seen = 0; index > 0 && page.items.size() < count && seen < kScanMax; ++seen) {
    const Record& record = table.at(static_cast<std::uint32_t>(--index));
    if (wanted(record)) page.items.push_back(record);
  }
  if (index > 0) page.next_cursor = std::to_string(index);
  return page;
}

template <HasFields Params, class Reply>
Method method(std::string name, std::string doc,
              Result<Reply> (*call)(const Params&, const Backend&)) {
  Method out;
  out.name = std::move(name);
  out.doc = std::move(doc);
  out.params_schema = json_schema<Params>();
  out.reply_schema = json_schema<Reply>();
  for_each_field_of<Params>([&](const auto& field) { out.params.emplace_back(field.name); });
  out.call = [call](const Json& json, const Backend& backend) -> RpcResult {
    Params params{};
    if (const auto read = from_json(json, params, backend.style); !read) {
      return RpcError(kInvalidParams, "invalid_params", read.error().message);
    }
    auto reply = call(params, backend);
    if (!reply) return RpcError(reply.error());
    return RpcResult(boost::system::in_place_value, to_json(*reply, backend.style));
  };
  return out;
}

/// A method that takes microseconds and asks nothing of the disk: a plainly written call of it with
/// the first parameter alone is answered on the connection's own thread, with no JSON document made
/// (hot_path.hpp). The other parameters must be optional.
template <HasFields Params, class Reply>
Method hot_method(std::string name, std::string doc,
                  Result<Reply> (*call)(const Params&, const Backend&)) {
  Method out = method<Params, Reply>(std::move(name), std::move(doc), call);
  out.call_plain = [call](std::string_view text, const Backend& backend,
                          std::string& answer) -> Result<bool> {
    Params params{};
    auto& first = params.*std::get<0>(Params::fields()).member;
    if (!from_json(Json(text), first, backend.style)) return false;
    TRY_ASSIGN(const Reply reply, call(params, backend));
    write_json(answer, reply, backend.style);
    return true;
  };
  return out;
}

}  // namespace bourse::rpc
