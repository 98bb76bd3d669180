// SPDX-License-Identifier: Apache-2.0
#include "market/execute.hpp"

#include "market/market.hpp"

namespace bourse::market {

/// Hands each operation to `take`, decoded and checked; the weight of all.
template <class Take>
TxResult<std::uint64_t> read_operations(const chain::TxBody& body, const Take& take) {
  std::uint64_t weight = 0;
  for (const chain::Operation& operation : body.operations) {
    auto tx = decode_operation(operation);
    if (tx.has_error()) return tx.error();
    TRY(std::visit([](const auto& typed) { return check(typed); }, *tx));
    weight += std::visit([](const auto& typed) { return typed.weight(); }, *tx);
    take(std::move(*tx));
  }
  return weight;
}

TxResult<Operations> decode_operations(const chain::TxBody& body) {
  Operations out;
  out.list.reserve(body.operations.size());
  TRY_ASSIGN(out.weight,
             read_operations(body, [&](AnyTx&& tx) { out.list.push_back(std::move(tx)); }));
  return out;
}

TxResult<std::uint64_t> weigh(const chain::TxBody& body) {
  return read_operations(body, [](const AnyTx&) {});
}

std::optional<Amount> fee(const Params& params, std::size_t bytes, std::uint64_t weight) {
  const auto wide = static_cast<unsigned __int128>(params.fee_per_byte.value()) * bytes +
                    static_cast<unsigned __int128>(params.fee_per_weight.value()) * weight;
  if (wide > kAmountMax.value()) return std::nullopt;
  return Amount(static_cast<std::uint64_t>(wide));
}

TxResult<Amount> admit(const Params& params, TimeMs now, const chain::TxBody& body,
                       std::size_t bytes, std::uint64_t weight, const Account* sender) {
  const Nonce expected = sender ? sender->nonce : Nonce{};
  if (body.nonce < expected) return TxError::nonce_too_low;
  if (body.nonce > expected) return TxError::nonce_too_high;
  if (body.valid_until < now) return TxError::expired;
  if (elapsed(now, body.valid_until) > chain::kTxLifetimeMax) {
    return TxError::valid_until_too_far;
  }
  const auto due = fee(params, bytes, weight);
  if (!due || body.fee_limit < *due) return TxError::fee_limit_too_low;
  if (!sender || sender->balance < *due) return TxError::balance_below_fee;
  return *due;
}

chain::Receipt execute(Context& context, const chain::TxBody& body, const Operations& operations,
                       const Hash& id, std::uint32_t item, Amount fee, const Address& fee_to) {
  Account& sender = context.edit<Account>(body.sender);
  sender.balance -= fee;
  sender.nonce = sender.nonce + Nonce(1);
  context.mention_changes(item);
  context.pay(fee_to, fee);
  context.accept();
  chain::Receipt receipt{id, 0, 0, fee};
  for (std::uint32_t i = 0; i < operations.list.size(); ++i) {
    TxContext frame{context, body.sender, body.nonce, i};
    const auto result =
        std::visit([&](const auto& typed) { return apply(typed, frame); }, operations.list[i]);
    if (result.has_error()) {
      context.rollback();
      receipt.error = static_cast<std::uint16_t>(result.error());
      receipt.operation = static_cast<std::uint16_t>(i);
      return receipt;
    }
  }
  context.mention_changes(item);
  context.accept();
  return receipt;
}

}  // namespace bourse::market
