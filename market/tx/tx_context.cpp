// SPDX-License-Identifier: Apache-2.0
#include "market/tx/tx_context.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::market {
namespace {

constexpr std::size_t kTextMax = 64;
constexpr std::size_t kRuntimesMax = 32;

}  // namespace

FixedBytes<16, ObjectIdTag> object_id(const Address& sender, Nonce nonce, std::uint32_t operation) {
  CborWriter out;
  out.array(3);
  write(out, sender);
  write(out, nonce);
  write(out, operation);
  const Hash hash = tagged_hash("bourse/object", out.take());
  return *FixedBytes<16, ObjectIdTag>::from(ByteView(hash.bytes).first(16));
}

TxResult<> check_text(const std::string& text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
  if (text.size() > kTextMax || !plain) return TxError::text_too_long;
  return {};
}

TxResult<> check_bundle(const Bundle& bundle) {
  if (bundle.cpu_milli == 0 || bundle.memory_mib == 0 || bundle.disk_mib == 0) {
    return TxError::bundle_is_empty;
  }
  if (!fits(bundle, {kResourceMax, kResourceMax, kResourceMax, kResourceMax})) {
    return TxError::bundle_too_large;
  }
  return {};
}

TxResult<> check_gpu(const std::string& gpu_model, std::uint64_t gpus) {
  if (gpu_model.empty() != (gpus == 0)) return TxError::gpu_model_mismatch;
  return {};
}

TxResult<> check_offer_terms(const OfferTerms& terms) {
  TRY(check_text(*terms.gpu_model));
  if (terms.runtimes->size() > kRuntimesMax) return TxError::list_too_long;
  TRY(check_bundle(terms.capacity));
  TRY(check_gpu(*terms.gpu_model, terms.capacity.gpus));
  const Prices& prices = terms.prices;
  for (const Amount price : {prices.cpu_milli_hour, prices.memory_mib_hour, prices.disk_mib_hour,
                             prices.gpu_hour, prices.start_fee}) {
    if (price > kAmountMax) return TxError::price_too_high;
  }
  if (terms.runtimes->empty()) return TxError::runtime_missing;
  if (terms.lifetime == DurationMs{}) return TxError::duration_out_of_range;
  return {};
}

TxResult<const Provider*> owned_provider(const TxContext& context, const ProviderId& id) {
  const Provider* provider = context.state.get<Provider>(id);
  if (!provider) return TxError::provider_not_found;
  if (provider->owner != context.sender) return TxError::not_the_owner;
  return provider;
}

TxResult<const Assignment*> own_assignment(const TxContext& context, const AssignmentId& id) {
  const Assignment* assignment = context.state.get<Assignment>(id);
  if (!assignment) return TxError::assignment_not_found;
  const Provider* provider = context.state.get<Provider>(assignment->provider);
  if (provider->agent_key != context.sender && provider->owner != context.sender) {
    return TxError::not_the_agent;
  }
  return assignment;
}

TxResult<const Job*> own_open_job(const TxContext& context, const JobId& id) {
  const Job* job = context.state.get<Job>(id);
  if (!job) return TxError::job_not_found;
  if (job->owner != context.sender) return TxError::not_the_owner;
  if (job->state == JobState::closed) return TxError::job_closed;
  return job;
}

TxResult<const Task*> own_task(const TxContext& context, const JobId& job, std::uint32_t index) {
  TRY(own_open_job(context, job));
  const Task* task = context.state.get<Task>(task_id(job, index));
  if (!task) return TxError::task_not_found;
  return task;
}

TxResult<> may_post_offer(const TxContext& context, const ProviderId& id, const OfferTerms& terms) {
  const Params& params = context.state.params();
  if (terms.lifetime > params.offer_lifetime_max) return TxError::duration_too_long;
  TRY_ASSIGN(const Provider* provider, owned_provider(context, id));
  if (provider->retired) return TxError::provider_retired;
  if (provider->offers_open >= params.offers_per_provider_max) return TxError::too_many_offers;
  return {};
}

void post_offer(TxContext& context, const ProviderId& provider, const OfferTerms& terms,
                const JobId& job) {
  Offer offer;
  offer.id = context.new_id<OfferId>();
  offer.provider = provider;
  offer.job = job;
  offer.terms = terms;
  offer.free = terms.capacity;
  offer.timer = context.state.clock() + terms.lifetime;
  context.state.insert(std::move(offer));
  ++context.state.edit<Provider>(provider).offers_open;
}

TxResult<> close_offer(TxContext& context, const OfferId& id, bool is_bid) {
  const Offer* offer = context.state.get<Offer>(id);
  if (!offer) return TxError::offer_not_found;
  TRY(owned_provider(context, offer->provider));
  if (offer->state != OfferState::open) return TxError::offer_closed;
  if (offer->is_bid() != is_bid) {
    return is_bid ? TxError::offer_is_not_a_bid : TxError::offer_is_a_bid;
  }
  Offer& closed = context.state.edit<Offer>(id);
  closed.state = OfferState::cancelled;
  closed.timer = {};
  --context.state.edit<Provider>(closed.provider).offers_open;
  return {};
}

}  // namespace bourse::market
