// SPDX-License-Identifier: Apache-2.0
//
// The envelope: what decodes encodes to the same bytes, and no signature is made up.
#include "chain/tx.hpp"
#include "base/codec.hpp"
#include "market/tx_types.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/world.hpp"

namespace bourse::fuzz {

namespace {
const Hash kChain = test::hash_of("chain");
}

void one(ByteView data) {
  const auto tx = chain::decode_tx(data);
  const auto verified = chain::verify_tx(Bytes(data.begin(), data.end()), kChain);
  if (!tx) {
    CHECK(!verified);
    return;
  }
  const Bytes again = encode(*tx);
  CHECK(std::equal(again.begin(), again.end(), data.begin(), data.end()));
  if (verified) CHECK(verified->id() == chain::tx_id(data) && verified->raw() == again);
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> out;
  market::TxTypes::for_each([&]<class T>(const T& tx) {
    chain::TxBody body;
    body.chain_id = kChain;
    body.sender = test::address_of("alice");
    body.operations = {market::to_operation(tx), market::to_operation(tx)};
    out.push_back(test::sign_repeatably(body, "alice"));
  });
  return out;
}

}  // namespace bourse::fuzz
