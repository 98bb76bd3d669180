// SPDX-License-Identifier: Apache-2.0
#include "market/context.hpp"
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  Address address;
  std::optional<std::string> cursor;
  std::optional<std::uint32_t> limit;

  static constexpr auto fields() {
    return std::tuple{field("address", &Params::address, "The account."),
                      field("cursor", &Params::cursor, "next_cursor of the page before."),
                      field("limit", &Params::limit, "How many items; at most 100.")};
  }
};

struct Item {
  Height height;
  TimeMs time;
  std::optional<TxView> transaction;
  std::optional<ReceiptView> receipt;
  std::optional<market::Event> event;

  static constexpr auto fields() {
    return std::tuple{
        field("height", &Item::height, "The block."),
        field("time", &Item::time, "Its time, in ms."),
        field("transaction", &Item::transaction, "A transaction that concerned it, or null."),
        field("receipt", &Item::receipt, "What became of the transaction."),
        field("event", &Item::event, "What the market did with the account by itself, or null.")};
  }
};

// An item costs the reading of its block.
constexpr std::uint32_t kItemsMax = 100;

std::string cursor_of(const chain::Occurrence& at) {
  return std::to_string(at.height.value()) + ":" + std::to_string(at.item);
}

/// The occurrence just before the one that the cursor names.
Result<chain::Occurrence> before(const std::string& cursor) {
  const Error invalid{"cursor_invalid", "pass a next_cursor of this method as cursor"};
  const auto colon = cursor.find(':');
  if (colon == std::string::npos) return invalid;
  const auto height = read_u64(Json(cursor.substr(0, colon)), UINT64_MAX);
  const auto item = read_u64(Json(cursor.substr(colon + 1)), UINT32_MAX);
  if (!height || !item || *height == 0) return invalid;
  if (*item > 0) return chain::Occurrence{Height(*height), static_cast<std::uint32_t>(*item) - 1};
  return chain::Occurrence{Height(*height - 1), UINT32_MAX};
}

Result<Item> item_at(const chain::Block& block, std::uint32_t index, JsonStyle style) {
  Item item;
  item.height = block.header.height;
  item.time = block.header.time;
  if (index < block.transactions.size()) {
    const Bytes& raw = block.transactions[index];
    TRY_ASSIGN(const chain::Tx tx, chain::decode_tx(raw));
    item.transaction = view(tx, raw, style);
    item.receipt = view(block.receipts[index]);
  } else {
    item.event = decode<market::Event>(block.events.at(index - block.transactions.size()));
  }
  return item;
}

Result<Page<Item>> call(const Params& params, const Backend& backend) {
  chain::HistoryRange range;
  range.newest_first = true;
  range.limit = std::clamp(params.limit.value_or(kPageDefault), 1U, kItemsMax);
  if (params.cursor) {
    TRY_ASSIGN(range.last, before(*params.cursor));
  }
  TRY_ASSIGN(const auto places, backend.engine.history(market::subject_of(params.address), range));
  Page<Item> page;
  chain::Block block;
  for (const chain::Occurrence& at : places) {
    if (block.header.height != at.height) {
      TRY_ASSIGN(block, backend.store.block(at.height));
    }
    TRY_ASSIGN(Item item, item_at(block, at.item, backend.style));
    page.items.push_back(std::move(item));
  }
  if (places.size() == range.limit) page.next_cursor = cursor_of(places.back());
  return page;
}

}  // namespace

Method account_get_history() {
  return method<Params, Page<Item>>(
      "account_getHistory",
      "The transactions and payments that concerned an account, newest first.", call);
}

}  // namespace bourse::rpc
