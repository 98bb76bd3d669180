// SPDX-License-Identifier: Apache-2.0
#include "wallet/verify.hpp"

#include <chrono>
#include <thread>

#include "base/crypto.hpp"

namespace bourse::wallet {
namespace {

using Clock = std::chrono::steady_clock;

/// A changed root is in a header after proof_block_ms, a second unless the node has another.
constexpr std::chrono::seconds kProofPatience{10};
constexpr std::chrono::milliseconds kPause{100};

Result<SignedHeader> get_header(NodeLink& link, Height height, const market::Genesis& genesis) {
  TRY_ASSIGN(const auto given, link.call<SignedHeader>(
                                   "chain_getHeader", {{"height", to_json(height, link.style())}}));
  TRY(check_header(given, genesis));
  if (given.header.height != height) {
    return Error{"header_untrusted", "the node has sent the header of another height"};
  }
  return given;
}

}  // namespace

Result<void> check_header(const SignedHeader& given, const market::Genesis& genesis) {
  const auto untrusted = [](const char* why) { return Error{"header_untrusted", why}; };
  if (given.header.chain_id != market::chain_id(genesis)) {
    return untrusted("the header is of another chain");
  }
  const auto& validators = genesis.validators;
  if (std::none_of(validators.begin(), validators.end(), [&](const market::Validator& validator) {
        return validator.key == given.header.proposer;
      })) {
    return untrusted("the header is of nobody who may make blocks on this chain");
  }
  const Hash hash = chain::header_hash(given.header);
  if (given.hash != hash) return untrusted("the header has another hash than the node says");
  if (!ed25519_verify(given.header.proposer, hash.bytes, given.signature)) {
    return untrusted("the signature of the header is not the validator's");
  }
  return {};
}

Result<void> check_record(const market::ProvedRecord& proved, const chain::Header& header) {
  const Hash key = chain::state_key(proved.table, proved.key);
  if (proved.state_key != key) {
    return Error{"proof_of_other_fact", "the state key is not that of the table and the key"};
  }
  const auto value = proved.record ? std::optional(sha256(*proved.record)) : std::nullopt;
  return verify_state_proof(header.state_root, key, value, proved.proof);
}

Result<SignedHeader> verify(NodeLink& link, const Hash& chain_id,
                            const market::ProvedRecord& proved) {
  TRY_ASSIGN(const Json reply, link.client().call("chain_getGenesis", Json::object()));
  TRY_ASSIGN(const auto genesis, member<market::Genesis>(reply, "genesis", link.style()));
  if (market::chain_id(genesis) != chain_id) {
    return Error{"wrong_chain", "the node's genesis is not that of chain 0x" +
                                    to_hex(chain_id.bytes) + "; do not believe this node"};
  }
  // The height is the node's word until a header has confirmed it.
  const auto next = checked_add(proved.height, Height(1));
  if (!next) return Error{"proof_malformed", "there is no height after the proof's"};
  // What is said when no header comes.
  Error last{"timeout", "no header has the root of this state yet; try again after block " +
                            std::to_string(next->value())};
  for (const auto deadline = Clock::now() + kProofPatience; Clock::now() <= deadline;) {
    auto header = get_header(link, *next, genesis);
    if (header) {
      TRY(check_record(proved, header->header));
      return header;
    }
    if (header.error().kind != "block_not_found") return header.error();
    // A block that has left the root as it was may be the last one for long.
    if (proved.height > Height(0)) {
      header = get_header(link, proved.height, genesis);
      if (header) {
        const auto checked = check_record(proved, header->header);
        if (checked) return header;
        last = checked.error();
      }
    }
    std::this_thread::sleep_for(kPause);
  }
  return last;
}

}  // namespace bourse::wallet
