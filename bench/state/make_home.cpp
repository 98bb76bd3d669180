// SPDX-License-Identifier: Apache-2.0
#include "base/bech32m.hpp"
#include "bench/parallel.hpp"
#include "bench/state/measures.hpp"
#include "bench/state/rig.hpp"
#include "bench/stream.hpp"
#include "market/tx_types.hpp"
#include "node/home.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kOffersEach = 64;
constexpr std::size_t kGiftsMax = 200;
constexpr std::size_t kAtATime = 4'000;
constexpr Amount kGift{1'000};
constexpr std::size_t kLater = 2'000;

/// One transaction of each sender.
template <class Operations>
void commit(Rig& rig, const Senders& senders, Nonce nonce, const Operations& operations) {
  std::vector<Bytes> stream(senders.size());
  in_parallel(stream.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      stream[i] = sign(senders, rig.chain_id(), i, nonce, operations(i));
    }
  });
  rig.commit_all(stream, kAtATime);
}

}  // namespace

Json make_home(const std::filesystem::path& directory, std::size_t accounts, std::size_t offers) {
  const Senders senders(offers / kOffersEach);
  const market::Genesis start = genesis(senders);
  node::create_home(directory, start, validator_seed()).value();
  const node::Home home = node::open_home(directory).value();
  Rig rig(home.store(), home.anchor(), start);
  rig.recover();

  // A genesis file may not hold so many accounts, so most of them are paid into being.
  const std::size_t others = accounts - senders.size();
  const std::size_t each = std::min(others / senders.size() + 1, kGiftsMax);
  Nonce nonce;
  for (std::size_t first = 0; first < others; first += senders.size() * each) {
    commit(rig, senders, nonce, [&](std::size_t sender) {
      std::vector<chain::Operation> gifts;
      for (std::size_t i = 0; i < each; ++i) {
        const std::size_t to = (first + sender * each + i) % others;
        gifts.push_back(market::to_operation(market::Transfer{other_account(to), kGift}));
      }
      return gifts;
    });
    nonce = nonce + Nonce(1);
  }
  commit(rig, senders, nonce, [&](std::size_t sender) {
    auto posts = post_offers(senders.address(sender), nonce, kOffersEach);
    posts.insert(posts.begin(), register_provider(senders.address(sender)));
    return posts;
  });
  const OfferId offer = offer_id(senders.address(0), nonce, kOffersEach);
  nonce = nonce + Nonce(1);
  // From all but the first, who is asked for.
  std::vector<Bytes> later;
  for (std::size_t i = 1; i < std::min(senders.size(), kLater); ++i) {
    const market::Transfer gift{senders.address(0), kGift};
    later.push_back(sign(senders, rig.chain_id(), i, nonce, {market::to_operation(gift)}));
  }
  write_stream(directory / "stream", later).value();
  return Json{{"address", address_text(senders.address(0), Network::test)},
              {"nonce", std::to_string(nonce.value())},
              {"offer", "0x" + to_hex(offer.bytes)}};
}

}  // namespace bourse::bench
