// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions in the shape of eth_subscribe, without a transport. Topics are registered before
// the server starts; the chain thread publishes events block by block; each WebSocket connection
// owns an Outbox that bounds what is waiting for it. A subscriber that resumes at a height reads
// the past in steps and goes live under the same lock that publishing takes, so that no event is
// lost or doubled at the seam.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/quantity.hpp"
#include "rpc/limits.hpp"

namespace bourse::rpc {

/// How many blocks a resuming subscriber reads from the past at a time.
inline constexpr std::uint64_t kReplayStep = 64;

/// The bounded queue of messages for one connection. Any thread pushes; `wake` is called after
/// each push and must only post work elsewhere.
class Outbox {
 public:
  Outbox(const ServerLimits& limits, std::function<void()> wake);

  /// A message too many empties the queue for good and makes `overflowed()` true: a reader that is
  /// this far behind starts again from a height it knows.
  void push(std::string message);
  /// For senders that wait until the queue is empty before they push again: answers to calls and
  /// events of the past. They need no place in the limits.
  void push_paced(std::string message);
  std::optional<std::string> pop();
  bool empty() const;
  bool overflowed() const;

 private:
  const std::size_t messages_max_;
  const std::size_t bytes_max_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::deque<std::string> queue_;
  std::size_t bytes_ = 0;
  bool overflowed_ = false;
};

/// What the owner of a topic supplies. `params` is the options object of the subscribe call without
/// `from_height`, and always an object.
struct Topic {
  /// Refuses options that mean nothing, and heights that can no longer be read.
  std::function<Result<void>(const Json& params, std::optional<Height> from)> check;
  /// The events of the blocks `from` to `to`, both included, in order. Topics without it cannot be
  /// resumed.
  std::function<Result<std::vector<Json>>(const Json& params, Height from, Height to)> replay;
};

class SubscriptionHub {
 public:
  using Matcher = std::function<bool(const Json& params)>;

  /// `tip` is the height of the last block whose events are already in the past.
  explicit SubscriptionHub(Height tip) : tip_(tip) {}

  /// Before the server starts.
  void add_topic(std::string name, Topic topic);

  /// Tells the live subscribers of a topic; `matches` (when there is one) says which options the
  /// event is for. Called after the block can be read, with heights that never fall: everything of
  /// one block before anything of the next.
  void publish(std::string_view topic, Height height, const Json& payload,
               const Matcher& matches = nullptr);

  // --- For the server -------------------------------------------------------------------------

  /// One subscription, dormant until catch_up() has said that it is live.
  Result<std::string> subscribe(std::string_view topic, const Json& options,
                                std::shared_ptr<Outbox> outbox);
  /// The next messages from the past; nothing once the subscription is live (or gone).
  using Step = Result<std::optional<std::vector<std::string>>>;
  Step catch_up(const std::string& id);
  bool unsubscribe(const std::string& id);
  /// After this no outbox is touched any more.
  void drop_all();

 private:
  struct Subscriber {
    const Topic* topic = nullptr;
    std::string topic_name;
    Json params;
    std::shared_ptr<Outbox> outbox;
    /// The first height it has not been given yet; none: from when it goes live.
    std::optional<Height> next;
    bool is_live = false;
  };

  std::map<std::string, Topic, std::less<>> topics_;
  std::mutex mutex_;
  Height tip_;
  std::uint64_t last_id_ = 0;
  std::map<std::string, Subscriber> subscribers_;
};

}  // namespace bourse::rpc
