// SPDX-License-Identifier: Apache-2.0
//
// Every operation: its type in two bytes, then its body. What decodes has one encoding, one JSON,
// and checks that answer instead of crashing.
#include "base/json_fields.hpp"
#include "market/tx_types.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/random_fields.hpp"

namespace bourse::fuzz {

namespace {
constexpr JsonStyle kStyle{Network::main};
}

void one(ByteView data) {
  if (data.size() < 2) return;
  chain::Operation operation;
  operation.type = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
  operation.body.assign(data.begin() + 2, data.end());
  const auto tx = market::decode_operation(operation);
  if (tx.has_error()) return;
  std::visit(
      [&]<class T>(const T& typed) {
        CHECK(encode(typed) == operation.body);
        T read{};
        CHECK(from_json(parse_json(dump_json(to_json(typed, kStyle))).value(), read, kStyle));
        CHECK(encode(read) == operation.body);
        if (check(typed).has_value()) CHECK(typed.weight() > 0 && typed.weight() < 2'000'000);
      },
      *tx);
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> out;
  test::RandomFields random(1);
  market::TxTypes::for_each([&]<class T>(const T& tx) {
    for (const T& instance : {tx, random.make<T>(), random.make<T>()}) {
      Bytes seed = {static_cast<std::uint8_t>(T::type >> 8), static_cast<std::uint8_t>(T::type)};
      append(seed, encode(instance));
      out.push_back(std::move(seed));
    }
  });
  return out;
}

}  // namespace bourse::fuzz
