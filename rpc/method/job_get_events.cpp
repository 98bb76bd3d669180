// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "market/context.hpp"
#include "rpc/methods.hpp"
#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct Params {
  JobId job;
  std::optional<Height> from_height;

  static constexpr auto fields() {
    return std::tuple{field("job", &Params::job, "The job."),
                      field("from_height", &Params::from_height,
                            "Where to start; the job's first block when absent.")};
  }
};

struct Reply {
  std::vector<EventView> events;
  Height next_height;

  static constexpr auto fields() {
    return std::tuple{
        field("events", &Reply::events, "Events of the blocks that were read."),
        field("next_height", &Reply::next_height, "The first height that was not read.")};
  }
};

// One call reads at most so many items of the job's history.
constexpr std::size_t kItemsMax = 1000;

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const market::Job job,
             find_record<market::Job>(backend, params.job, market::TxError::job_not_found));
  const Height tip = backend.engine.status().height;
  chain::HistoryRange range;
  range.first.height = std::max(params.from_height.value_or(job.arrival), job.arrival);
  range.last.height = tip;
  range.limit = kItemsMax;
  TRY_ASSIGN(const auto places, backend.engine.history(market::subject_of(params.job), range));
  Reply reply;
  Height read;
  for (const chain::Occurrence& at : places) {
    if (at.height == std::exchange(read, at.height)) continue;
    TRY_ASSIGN(const chain::Block block, backend.store.block(at.height));
    for (EventView& event :
         events_of(block, [&](const market::Event& e) { return e.job == params.job; })) {
      reply.events.push_back(std::move(event));
    }
  }
  // The last block has been read to its end, whichever of its items was the last one.
  reply.next_height = (places.size() == kItemsMax ? read : tip) + Height(1);
  return reply;
}

}  // namespace

Method job_get_events() {
  return method<Params, Reply>(
      "job_getEvents", "What happened to a job, in order. Ask again from `next_height` for more.",
      call);
}

}  // namespace bourse::rpc
