// SPDX-License-Identifier: Apache-2.0
#include "market/tx/bid_place.hpp"

#include <algorithm>

namespace bourse::market {

TxResult<> check(const BidPlace& tx) { return check_offer_terms(tx.terms); }

TxResult<> apply(const BidPlace& tx, TxContext& context) {
  TRY(may_post_offer(context, tx.provider, tx.terms));
  const Job* job = context.state.get<Job>(tx.job);
  if (!job) return TxError::job_not_found;
  if (job->state == JobState::closed) return TxError::job_closed;
  const auto& runtimes = *tx.terms.runtimes;
  const bool serves =
      tx.terms.arch == job->terms.arch && *tx.terms.gpu_model == job->terms.gpu_model &&
      fits(job->terms.bundle, tx.terms.capacity) &&
      std::find(runtimes.begin(), runtimes.end(), job->terms.runtime) != runtimes.end();
  if (!serves) return TxError::bid_misses_job;
  post_offer(context, tx.provider, tx.terms, tx.job);
  return {};
}

}  // namespace bourse::market
