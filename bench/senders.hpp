// SPDX-License-Identifier: Apache-2.0
//
// The accounts that sign: the secret of number i is a hash of i, so every program of the benchmark
// knows the same ones. Key pairs are made once, because base/ would make one per signature.
#pragma once

#include <memory>
#include <vector>

#include "base/ids.hpp"

namespace bourse::bench {

class Senders {
 public:
  explicit Senders(std::size_t count);
  ~Senders();

  std::size_t size() const { return addresses_.size(); }
  const Address& address(std::size_t sender) const { return addresses_[sender]; }
  /// BIP340 without fresh randomness: these keys guard nothing, and runs repeat each other.
  Signature sign(std::size_t sender, const Hash& digest) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::vector<Address> addresses_;
};

}  // namespace bourse::bench
