// SPDX-License-Identifier: Apache-2.0
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

// One call reads at most so many blocks, and stops after the block that brings it to so many
// events.
constexpr std::uint64_t kBlocksMax = 2000;
constexpr std::size_t kEventsMax = 1000;

Result<Reply> call(const Params& params, const Backend& backend) {
  TRY_ASSIGN(const market::Job job,
             find_record<market::Job>(backend, params.job, market::TxError::job_not_found));
  const Height tip = backend.engine.status().height;
  std::uint64_t height = std::max(params.from_height.value_or(job.arrival), job.arrival).value();
  Reply reply;
  for (std::uint64_t read = 0; height <= tip.value() && read < kBlocksMax; ++read, ++height) {
    TRY_ASSIGN(const chain::Block block, backend.store.block(Height(height)));
    for (EventView& event :
         events_of(block, [&](const market::Event& e) { return e.job == params.job; })) {
      reply.events.push_back(std::move(event));
    }
    if (reply.events.size() >= kEventsMax) {
      ++height;
      break;
    }
  }
  reply.next_height = Height(height);
  return reply;
}

}  // namespace

Method job_get_events() {
  return method<Params, Reply>(
      "job_getEvents", "What happened to a job, in order. Ask again from `next_height` for more.",
      call);
}

}  // namespace bourse::rpc
