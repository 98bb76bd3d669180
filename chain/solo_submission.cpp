// SPDX-License-Identifier: Apache-2.0
//
// How transactions come in: many at a time, and everything that costs less than a signature is
// looked at before the signature is.
#include "chain/solo.hpp"

namespace bourse::chain {
namespace {

/// Transactions that nothing has been found against so far, where the answers to them stand, and
/// their senders once they have been looked up.
template <class Tx>
struct Remaining {
  std::vector<Tx> txs;
  std::vector<std::size_t> places;
  std::vector<AccountView> senders;

  void add(Tx tx, std::size_t place, const AccountView& sender = {}) {
    txs.push_back(std::move(tx));
    places.push_back(place);
    senders.push_back(sender);
  }
};

}  // namespace

std::vector<Result<Hash>> SoloEngine::submit_all(std::vector<Bytes> raws) {
  const auto refuse_all = [&](const Error& why) {
    return std::vector<Result<Hash>>(raws.size(), why);
  };
  if (const auto running = check_running(); !running) return refuse_all(running.error());
  if (const auto room = store_.check_room(); !room) return refuse_all(room.error());
  const TimeMs now = std::max(status().time, clock_());
  std::vector<Result<Hash>> out;
  out.reserve(raws.size());
  Remaining<ParsedTx> parsed;
  for (auto& tx : ParsedTx::parse_all(std::move(raws), config_.chain_id)) {
    const std::size_t place = out.size();
    out.push_back(tx ? Result<Hash>(tx->id()) : Result<Hash>(tx.error()));
    if (tx) parsed.add(std::move(*tx), place);
  }
  // To hand in the same one again is no failure: its id is the answer. The index is written before
  // the mempool forgets, so one of the two knows it; and as an account is past the nonces of what
  // is in a block, no other refusal costs a search.
  const auto refuse = [&](std::size_t place, const Error& why) {
    const bool is_repeated = why.kind == "tx_already_waiting" ||
                             (why.kind == "nonce_too_low" && lookup_.find(*out[place]));
    if (!is_repeated) out[place] = why;
  };
  const auto checked = machine_.check(parsed.txs);
  const auto screened = mempool_.screen(parsed.txs, now);
  Remaining<ParsedTx> wanted;
  for (std::size_t i = 0; i < parsed.txs.size(); ++i) {
    const std::size_t place = parsed.places[i];
    if (checked[i].has_error()) {
      out[place] = checked[i].error();
    } else if (screened.results[i].has_error()) {
      refuse(place, screened.results[i].error());
    } else {
      wanted.add(std::move(parsed.txs[i]), place, screened.seen.views[i]);
    }
  }
  auto signatures = verifier_.verify(std::move(wanted.txs));
  Remaining<VerifiedTx> verified;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const std::size_t place = wanted.places[i];
    if (signatures[i]) {
      verified.add(std::move(*signatures[i]), place, wanted.senders[i]);
    } else {
      out[place] = signature_invalid();
    }
  }
  const auto added =
      mempool_.add(std::move(verified.txs), now,
                   Mempool::Accounts{std::move(verified.senders), screened.seen.blocks});
  for (std::size_t i = 0; i < added.size(); ++i) {
    if (added[i].has_error()) refuse(verified.places[i], added[i].error());
  }
  poke();
  return out;
}

}  // namespace bourse::chain
