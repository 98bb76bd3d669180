// SPDX-License-Identifier: Apache-2.0
#include "base/bech32m.hpp"
#include "bench/state/measures.hpp"
#include "bench/state/rig.hpp"
#include "bench/stream.hpp"
#include "market/tx_types.hpp"
#include "node/home.hpp"

namespace bourse::bench {
namespace {

constexpr std::size_t kOffersEach = 64;
constexpr std::size_t kAtATime = 4'000;
constexpr Amount kGift{1'000};

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
  const std::size_t each = (others + senders.size() - 1) / senders.size();
  std::vector<Bytes> gifts(senders.size());
  std::vector<Bytes> posts(senders.size());
  for (std::size_t i = 0; i < senders.size(); ++i) {
    std::vector<chain::Operation> gift;
    for (std::size_t k = i * each; k < std::min((i + 1) * each, others); ++k) {
      gift.push_back(market::to_operation(market::Transfer{other_account(k), kGift}));
    }
    if (gift.empty()) {
      gift.push_back(market::to_operation(market::Transfer{other_account(0), kGift}));
    }
    gifts[i] = sign(senders, rig.chain_id(), i, Nonce(0), std::move(gift));
    auto post = post_offers(senders.address(i), Nonce(1), kOffersEach);
    post.insert(post.begin(), register_provider(senders.address(i)));
    posts[i] = sign(senders, rig.chain_id(), i, Nonce(1), std::move(post));
  }
  rig.commit_all(gifts, kAtATime);
  rig.commit_all(posts, kAtATime);
  const OfferId offer = offer_id(senders.address(senders.size() - 1), Nonce(1), kOffersEach);
  return Json{{"address", address_text(other_account(others - 1), Network::test)},
              {"balance", std::to_string(kGift.value())},
              {"offer", "0x" + to_hex(offer.bytes)}};
}

}  // namespace bourse::bench
