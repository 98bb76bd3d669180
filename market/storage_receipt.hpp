// SPDX-License-Identifier: Apache-2.0
//
// A validator's promise that a blob is stored: nobody is paid for a result that cannot be fetched.
// SPEC 5.4.
#pragma once

#include "market/record/globals.hpp"

namespace bourse::market {

struct StorageReceipt {
  Hash blob;
  std::uint64_t size = 0;
  TimeMs kept_until;
  ConsensusKey validator;
  Signature signature;

  static constexpr auto fields() {
    return std::tuple{
        field("blob", &StorageReceipt::blob, "SHA-256 of the blob."),
        field("size", &StorageReceipt::size, "Its size in bytes."),
        field("kept_until", &StorageReceipt::kept_until, "Until when it is kept, in ms."),
        field("validator", &StorageReceipt::validator, "Consensus key of who stores it."),
        field("signature", &StorageReceipt::signature,
              "Signature over tagged hash bourse/stored of (blob, size, kept_until, validator).")};
  }
};

/// The receipt for a stored blob, signed with the validator's consensus seed.
StorageReceipt sign_receipt(const Hash& blob, std::uint64_t size, TimeMs kept_until,
                            const SecretKey& consensus_seed);

/// Whether a validator of the chain has signed it.
bool is_signed_by_validator(const StorageReceipt& receipt, const Globals& globals);

}  // namespace bourse::market
