// SPDX-License-Identifier: Apache-2.0
#include "market/needed.hpp"

namespace bourse::market {

template <class Member>
void Needed::add_member(const Member& member) {
  const auto try_list = [&]<class Record>(Keys<Record>& keys) {
    using Key = typename chain::Table<Record>::Key;
    if constexpr (std::is_same_v<Key, Member>) keys.list.push_back(member);
  };
  std::apply([&](auto&... each) { (try_list(each), ...); }, keys_);
}

void Needed::add(const AnyTx& operation) {
  const auto add_all = [this](const auto& typed) {
    for_each_field(typed, [this](const auto&, const auto& member) { this->add_member(member); });
  };
  std::visit(add_all, operation);
}

void Needed::fetch(const State& state) {
  const auto fetch_table = [&]<class Record>(Keys<Record>& keys) {
    state.table<Record>().fetch(keys.list);
    keys.list.clear();
  };
  std::apply([&](auto&... each) { (fetch_table(each), ...); }, keys_);
}

}  // namespace bourse::market
