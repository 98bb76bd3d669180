// SPDX-License-Identifier: Apache-2.0
//
// Goal: a subscriber gets every event once and in order, wherever it joins, and a slow one is
// bounded.
// Method: a hub without a network; the chain is a list of events that a topic can replay, and one
// test publishes from another thread while subscribers join at random heights.
#include "rpc/subscriptions.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace bourse::rpc {
namespace {

ServerLimits wide() {
  ServerLimits limits;
  limits.ws_queue_messages = 1'000'000;
  limits.ws_queue_bytes = 1u << 30;
  return limits;
}

std::shared_ptr<Outbox> make_outbox(const ServerLimits& limits = wide()) {
  return std::make_shared<Outbox>(limits, [] {});
}

/// The payloads that are waiting.
std::vector<Json> drain(Outbox& outbox) {
  std::vector<Json> out;
  while (const auto message = outbox.pop()) {
    out.push_back(parse_json(*message).value()["params"]["result"]);
  }
  return out;
}

/// A chain whose block h has the one event h; `events` can be asked for the past.
struct Chain {
  SubscriptionHub hub;
  std::atomic<std::uint64_t> stored;

  explicit Chain(std::uint64_t tip) : hub(Height(tip)), stored(tip) {
    hub.add_topic("events", {.check = check, .replay = [this](const Json&, Height from, Height to) {
                               return replay(from, to);
                             }});
    hub.add_topic("live_only", {});
  }
  static Result<void> check(const Json& params, std::optional<Height> from) {
    if (from && from->value() < 5) return Error{"height_pruned", "too old"};
    if (params.contains("bad")) return Error{"bad_filter", "bad"};
    return {};
  }
  Result<std::vector<Json>> replay(Height from, Height to) const {
    std::vector<Json> events;
    for (std::uint64_t h = from.value(); h <= to.value(); ++h) {
      EXPECT_LE(h, stored.load());
      events.push_back(h);
    }
    return events;
  }
  void add_block() {
    const std::uint64_t height = ++stored;
    hub.publish("events", Height(height), height);
  }
  /// What a connection does: the past into the outbox until the subscription is live.
  void feed(const std::string& id, Outbox& outbox) {
    while (const auto step = hub.catch_up(id).value()) {
      EXPECT_LE(step->size(), kReplayStep);
      for (const std::string& message : *step) outbox.push_paced(message);
    }
  }
};

std::string kind_of(const Result<std::string>& result) { return result ? "" : result.error().kind; }

TEST(Subscriptions, OnlyWhatComesAfterwards) {
  Chain chain(10);
  const auto outbox = make_outbox();
  const std::string id = chain.hub.subscribe("events", Json::object(), outbox).value();
  chain.add_block();
  // Dormant until the id has been told.
  EXPECT_TRUE(outbox->empty());
  chain.feed(id, *outbox);
  chain.add_block();
  const auto text = outbox->pop();
  EXPECT_EQ(*text, R"({"jsonrpc":"2.0","method":"chain_subscription","params":)"
                   R"({"subscription":")" +
                       id + R"(","result":12}})");
  EXPECT_TRUE(chain.hub.unsubscribe(id));
  EXPECT_FALSE(chain.hub.unsubscribe(id));
  chain.add_block();
  EXPECT_TRUE(outbox->empty());
}

TEST(Subscriptions, ResumeAtAnyHeight) {
  for (const std::uint64_t tip : {10u, 73u, 74u, 75u, 300u}) {
    for (const std::uint64_t from : {std::uint64_t{10}, tip, tip + 1, tip + 3}) {
      Chain chain(tip);
      const auto outbox = make_outbox();
      const Json options = {{"from_height", std::to_string(from)}};
      chain.feed(chain.hub.subscribe("events", options, outbox).value(), *outbox);
      for (int i = 0; i < 5; ++i) chain.add_block();
      std::vector<Json> expected;
      for (std::uint64_t h = from; h <= tip + 5; ++h) expected.push_back(h);
      EXPECT_EQ(drain(*outbox), expected) << "tip " << tip << " from " << from;
    }
  }
}

TEST(Subscriptions, JoinsInTheMiddleOfABlock) {
  Chain chain(10);
  chain.stored = 11;
  chain.hub.publish("live_only", Height(11), 1);
  const auto outbox = make_outbox();
  const Json options = {{"from_height", 11}};
  chain.feed(chain.hub.subscribe("events", options, outbox).value(), *outbox);
  // The block's other events are published only now, and were in the past already.
  chain.hub.publish("events", Height(11), 11);
  chain.add_block();
  EXPECT_EQ(drain(*outbox), (std::vector<Json>{11, 12}));
}

TEST(Subscriptions, NothingIsLostOrDoubledAtTheSeam) {
  constexpr std::uint64_t kSubscribers = 50;
  constexpr std::uint64_t kBlocksEach = 100;
  Chain chain(10);
  std::atomic<std::uint64_t> joined = 0;
  // Blocks arrive all the while, and not so many that the test grows with the speed of a core.
  std::thread publisher([&] {
    while (joined < kSubscribers) {
      if (chain.stored < kBlocksEach * (joined + 1)) chain.add_block();
    }
  });
  std::vector<std::pair<std::uint64_t, std::shared_ptr<Outbox>>> subscribers;
  for (; joined < kSubscribers; ++joined) {
    const std::uint64_t stored = chain.stored;
    const std::uint64_t from = stored < 210 ? 10 : stored - 200;
    const auto outbox = make_outbox();
    const Json options = {{"from_height", from}};
    chain.feed(chain.hub.subscribe("events", options, outbox).value(), *outbox);
    subscribers.emplace_back(from, outbox);
  }
  publisher.join();
  for (const auto& [from, outbox] : subscribers) {
    std::uint64_t next = from;
    for (const Json& event : drain(*outbox)) {
      ASSERT_EQ(event.get<std::uint64_t>(), next);
      ++next;
    }
    EXPECT_EQ(next, chain.stored + 1);
  }
}

TEST(Subscriptions, FiltersSeeTheOptions) {
  Chain chain(10);
  const auto outbox = make_outbox();
  const Json options = {{"account", "a"}, {"from_height", 11}};
  chain.feed(chain.hub.subscribe("events", options, outbox).value(), *outbox);
  for (const char* account : {"a", "b"}) {
    chain.hub.publish("events", Height(11), account, [&](const Json& params) {
      EXPECT_FALSE(params.contains("from_height"));
      return params["account"] == account;
    });
  }
  EXPECT_EQ(drain(*outbox), (std::vector<Json>{"a"}));
}

TEST(Subscriptions, Refusals) {
  Chain chain(10);
  const auto outbox = make_outbox();
  const auto subscribe = [&](const char* topic, const Json& options) {
    return kind_of(chain.hub.subscribe(topic, options, outbox));
  };
  EXPECT_EQ(subscribe("nothing", Json::object()), "unknown_topic");
  EXPECT_EQ(subscribe("events", {{"bad", 1}}), "bad_filter");
  EXPECT_EQ(subscribe("events", {{"from_height", 4}}), "height_pruned");
  EXPECT_EQ(subscribe("events", {{"from_height", 5}}), "");
  EXPECT_EQ(subscribe("live_only", {{"from_height", 5}}), "topic_not_resumable");
  EXPECT_NE(subscribe("events", {{"from_height", -1}}), "");
  EXPECT_NE(subscribe("events", {{"from_height", "x"}}), "");
}

TEST(Subscriptions, NothingIsTouchedAfterDropAll) {
  Chain chain(10);
  const auto outbox = make_outbox();
  chain.feed(chain.hub.subscribe("events", Json::object(), outbox).value(), *outbox);
  chain.hub.drop_all();
  chain.add_block();
  EXPECT_TRUE(outbox->empty());
}

TEST(Outbox, LimitOfMessages) {
  ServerLimits limits;
  const auto fill = [&](std::size_t count) {
    const auto outbox = make_outbox(limits);
    for (std::size_t i = 0; i < count; ++i) outbox->push("x");
    return outbox;
  };
  EXPECT_FALSE(fill(limits.ws_queue_messages - 1)->overflowed());
  EXPECT_FALSE(fill(limits.ws_queue_messages)->overflowed());
  const auto over = fill(limits.ws_queue_messages + 1);
  EXPECT_TRUE(over->overflowed());
  EXPECT_FALSE(over->pop());
  // It stays closed.
  over->push("x");
  EXPECT_FALSE(over->pop());
}

TEST(Outbox, LimitOfBytes) {
  ServerLimits limits;
  const auto overflows = [&](std::size_t bytes) {
    const auto outbox = make_outbox(limits);
    outbox->push("x");
    outbox->push(std::string(bytes - 1, 'x'));
    return outbox->overflowed();
  };
  EXPECT_FALSE(overflows(limits.ws_queue_bytes - 1));
  EXPECT_FALSE(overflows(limits.ws_queue_bytes));
  EXPECT_TRUE(overflows(limits.ws_queue_bytes + 1));
}

TEST(Outbox, RoomComesBack) {
  ServerLimits limits;
  limits.ws_queue_messages = 2;
  const auto outbox = make_outbox(limits);
  for (int i = 0; i < 100; ++i) {
    outbox->push(std::to_string(i));
    EXPECT_EQ(outbox->pop(), std::to_string(i));
  }
  EXPECT_FALSE(outbox->overflowed());
}

}  // namespace
}  // namespace bourse::rpc
