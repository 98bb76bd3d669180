// SPDX-License-Identifier: Apache-2.0
//
// The root of the state: a hash of what every key holds, the same whatever the order of updates.
// SPEC 4.1.
#pragma once

#include <map>

#include "base/ids.hpp"

namespace bourse::chain {

/// The leaf's key: tagged hash `bourse/key` of (table name, record key).
Hash state_key(std::string_view table, ByteView key);

class StateRoot {
 public:
  /// Sets what `key` holds, as the SHA-256 of the record's canonical bytes.
  void set(const Hash& key, const Hash& value) { leaves_[key] = value; }

  /// SHA-256 over all (key, value) pairs in key order.
  Hash root() const;

 private:
  std::map<Hash, Hash> leaves_;
};

}  // namespace bourse::chain
