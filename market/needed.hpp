// SPDX-License-Identifier: Apache-2.0
//
// Brings the records that operations name into the cache before it is their turn. Records lie
// anywhere, and waiting for one costs as much as all that is then done with it.
#pragma once

#include <vector>

#include "market/state.hpp"
#include "market/tx_types.hpp"

namespace bourse::market {

class Needed {
 public:
  void add(const Address& account) { std::get<Keys<Account>>(keys_).list.push_back(account); }
  /// Whatever stands under the keys in the operation's fields.
  void add(const AnyTx& operation);
  /// Fetches all of them and starts over.
  void fetch(const State& state);

 private:
  template <class Record>
  struct Keys {
    std::vector<typename chain::Table<Record>::Key> list;
  };
  template <class Member>
  void add_member(const Member& member);

  PerRecord<Keys> keys_;
};

}  // namespace bourse::market
