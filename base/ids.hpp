// SPDX-License-Identifier: Apache-2.0
//
// The identifiers of the system. An account is its key, so Address is a 32-byte x-only public key
// (BIP340); objects have 16-byte ids (SPEC 2.4).
#pragma once

#include "base/bytes.hpp"

namespace bourse {

using Hash = FixedBytes<32, struct HashTag>;
using Address = FixedBytes<32, struct AddressTag>;
using Signature = FixedBytes<64, struct SignatureTag>;
/// An ed25519 public key of a validator.
using ConsensusKey = FixedBytes<32, struct ConsensusKeyTag>;
/// A secret scalar or seed. It has no spelling in JSON, on purpose.
using SecretKey = FixedBytes<32, struct SecretKeyTag>;

using ProviderId = FixedBytes<16, struct ProviderIdTag>;
using OfferId = FixedBytes<16, struct OfferIdTag>;
using JobId = FixedBytes<16, struct JobIdTag>;
using TaskId = FixedBytes<16, struct TaskIdTag>;
using AssignmentId = FixedBytes<16, struct AssignmentIdTag>;

/// Which chain an address belongs to; it chooses the address prefix.
enum class Network : std::uint8_t { main, test, dev };
constexpr auto enum_names(Network) {
  return std::array<std::string_view, 3>{"main", "test", "dev"};
}

}  // namespace bourse
