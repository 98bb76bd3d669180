// SPDX-License-Identifier: Apache-2.0
//
// What every operation gets: the step that it is part of, and who acts. A transaction type is a
// struct with a field table, `weight()`, and two functions beside it:
//
//   TxResult<> check(const T&);                pure: the operation alone
//   TxResult<> apply(const T&, TxContext&);    reads first, then writes
#pragma once

#include "market/context.hpp"

namespace bourse::market {

struct TxContext {
  Context& state;
  Address sender;
  Nonce nonce;
  std::uint32_t operation = 0;

  /// The id of the object that this operation creates. SPEC 2.4: a wallet knows it in advance.
  template <class Id>
  Id new_id() const;
};

/// The first 16 bytes of tagged hash `bourse/object` of (sender, nonce, operation index).
FixedBytes<16, struct ObjectIdTag> object_id(const Address& sender, Nonce nonce,
                                             std::uint32_t operation);

template <class Id>
Id TxContext::new_id() const {
  return Id{object_id(sender, nonce, operation).bytes};
}

// Checks that several types share.
TxResult<> check_text(const std::string& text);
TxResult<> check_bundle(const Bundle& bundle);
TxResult<> check_gpu(const std::string& gpu_model, std::uint64_t gpus);
TxResult<> check_offer_terms(const OfferTerms& terms);

/// The provider, when it exists and the sender owns it. Errors: provider_not_found, not_the_owner.
TxResult<const Provider*> owned_provider(const TxContext& context, const ProviderId& id);
/// The assignment, when it exists and the sender is its agent or owner.
/// Errors: assignment_not_found, not_the_agent.
TxResult<const Assignment*> own_assignment(const TxContext& context, const AssignmentId& id);
/// The job, when it exists, is the sender's and is open. Errors: job_not_found, not_the_owner,
/// job_closed.
TxResult<const Job*> own_open_job(const TxContext& context, const JobId& id);
/// The task of the sender's open job. Errors: those of own_open_job, task_not_found.
TxResult<const Task*> own_task(const TxContext& context, const JobId& job, std::uint32_t index);

/// Whether the sender may post an offer or a bid.
/// Errors: duration_too_long, those of owned_provider, provider_retired, too_many_offers.
TxResult<> may_post_offer(const TxContext& context, const ProviderId& id, const OfferTerms& terms);
/// Posts an offer or, for a job, a bid.
void post_offer(TxContext& context, const ProviderId& provider, const OfferTerms& terms,
                const JobId& job);
/// Closes an open offer of the sender. Errors: offer_not_found, those of owned_provider,
/// offer_closed, and offer_is_a_bid or offer_is_not_a_bid.
TxResult<> close_offer(TxContext& context, const OfferId& id, bool is_bid);

}  // namespace bourse::market
