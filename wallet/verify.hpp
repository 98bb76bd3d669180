// SPDX-License-Identifier: Apache-2.0
//
// Checks what a node says about the state without believing it. What is trusted is the chain id:
// it fixes the genesis, the genesis the validators, a validator's signature the header, the
// header's root the record. SPEC 4.3. A node can still answer with an old state, so the time of
// the header is part of what is shown.
#pragma once

#include "chain/block.hpp"
#include "market/commitment.hpp"
#include "wallet/node_link.hpp"

namespace bourse::wallet {

/// The reply of chain_getHeader.
struct SignedHeader {
  chain::Header header;
  Hash hash;
  Signature signature;

  static constexpr auto fields() {
    return std::tuple{field("header", &SignedHeader::header, "The header."),
                      field("hash", &SignedHeader::hash, "Its tagged hash, which is signed."),
                      field("signature", &SignedHeader::signature, "The proposer's signature.")};
  }
};

/// Whether a validator of the genesis has signed the header. Error kind: header_untrusted.
Result<void> check_header(const SignedHeader& given, const market::Genesis& genesis);

/// Whether the header's root proves the record. Error kinds: those of verify_state_proof.
Result<void> check_record(const market::ProvedRecord& proved, const chain::Header& header);

/// Checks the record with genesis and header from the node, and returns the header that proves it;
/// waits for the block that will. Error kinds: wrong_chain, header_untrusted, timeout, those of
/// verify_state_proof and of the client.
Result<SignedHeader> verify(NodeLink& link, const Hash& chain_id,
                            const market::ProvedRecord& proved);

}  // namespace bourse::wallet
