// SPDX-License-Identifier: Apache-2.0
#include "rpc/topics.hpp"

#include "rpc/views.hpp"

namespace bourse::rpc {
namespace {

struct BlockNotice {
  Height height;
  Hash hash;
  TimeMs time;
  std::uint32_t transactions = 0;
  std::uint32_t events = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("height", &BlockNotice::height, "Height of the block."),
        field("hash", &BlockNotice::hash, "Its hash."),
        field("time", &BlockNotice::time, "Its time, in ms."),
        field("transactions", &BlockNotice::transactions, "How many transactions it carries."),
        field("events", &BlockNotice::events, "How many system events it carries.")};
  }
};

/// Which events a subscriber of `jobEvents` wants; all of them without a filter.
struct JobEventFilter {
  std::optional<JobId> job;
  std::optional<ProviderId> provider;
  std::optional<Address> account;

  static constexpr auto fields() {
    return std::tuple{field("job", &JobEventFilter::job, "Events of this job."),
                      field("provider", &JobEventFilter::provider, "Events of this provider."),
                      field("account", &JobEventFilter::account, "Payments to this account.")};
  }
};

bool matches(const JobEventFilter& filter, const market::Event& event) {
  return (!filter.job || event.job == filter.job) &&
         (!filter.provider || event.provider == filter.provider) &&
         (!filter.account || event.account == filter.account);
}

BlockNotice notice_of(const chain::Block& block) {
  return {block.header.height, chain::header_hash(block.header), block.header.time,
          static_cast<std::uint32_t>(block.transactions.size()),
          static_cast<std::uint32_t>(block.events.size())};
}

Result<JobEventFilter> filter_of(const Json& params, JsonStyle style) {
  JobEventFilter filter;
  TRY(from_json(params, filter, style));
  return filter;
}

/// The payloads that `each` makes of the blocks `from` to `to`.
template <class Each>
Result<std::vector<Json>> replay(const Backend& backend, Height from, Height to, Each&& each) {
  std::vector<Json> out;
  for (std::uint64_t height = std::max<std::uint64_t>(from.value(), 1); height <= to.value();
       ++height) {
    TRY_ASSIGN(const chain::Block block, backend.store.block(Height(height)));
    each(block, out);
  }
  return out;
}

}  // namespace

void add_topics(SubscriptionHub& hub, const Backend& backend) {
  const JsonStyle style = backend.style;
  hub.add_topic("blocks", {[style](const Json& params, std::optional<Height>) -> Result<void> {
                             NoParams none;
                             return from_json(params, none, style);
                           },
                           [&backend, style](const Json&, Height from, Height to) {
                             return replay(backend, from, to,
                                           [&](const chain::Block& block, auto& out) {
                                             out.push_back(to_json(notice_of(block), style));
                                           });
                           }});
  hub.add_topic("jobEvents",
                {[style](const Json& params, std::optional<Height>) -> Result<void> {
                   TRY(filter_of(params, style));
                   return {};
                 },
                 [&backend, style](const Json& params, Height from, Height to) {
                   const JobEventFilter filter = filter_of(params, style).value();
                   return replay(backend, from, to, [&](const chain::Block& block, auto& out) {
                     const auto wanted = [&](const market::Event& e) { return matches(filter, e); };
                     for (const EventView& event : events_of(block, wanted)) {
                       out.push_back(to_json(event, style));
                     }
                   });
                 }});
}

void publish_block(SubscriptionHub& hub, const chain::Block& block, JsonStyle style) {
  const Height height = block.header.height;
  for (const EventView& event : events_of(block, [](const market::Event&) { return true; })) {
    hub.publish("jobEvents", height, to_json(event, style), [&](const Json& params) {
      const auto filter = filter_of(params, style);
      return filter.has_value() && matches(*filter, event.event);
    });
  }
  hub.publish("blocks", height, to_json(notice_of(block), style));
}

}  // namespace bourse::rpc
