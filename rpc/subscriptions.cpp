// SPDX-License-Identifier: Apache-2.0
#include "rpc/subscriptions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/json_fields.hpp"

namespace bourse::rpc {
namespace {

std::string notification(const std::string& id, const std::string& payload) {
  return R"({"jsonrpc":"2.0","method":"chain_subscription","params":{"subscription":")" + id +
         R"(","result":)" + payload + "}}";
}

}  // namespace

Outbox::Outbox(const ServerLimits& limits, std::function<void()> wake)
    : messages_max_(limits.ws_queue_messages),
      bytes_max_(limits.ws_queue_bytes),
      wake_(std::move(wake)) {}

void Outbox::push(std::string message) {
  {
    const std::lock_guard lock(mutex_);
    if (overflowed_) return;
    if (queue_.size() >= messages_max_ || bytes_ + message.size() > bytes_max_) {
      overflowed_ = true;
      queue_.clear();
      bytes_ = 0;
    } else {
      bytes_ += message.size();
      queue_.push_back(std::move(message));
    }
  }
  wake_();
}

void Outbox::push_paced(std::string message) {
  {
    const std::lock_guard lock(mutex_);
    if (overflowed_) return;
    bytes_ += message.size();
    queue_.push_back(std::move(message));
  }
  wake_();
}

std::optional<std::string> Outbox::pop() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  std::string message = std::move(queue_.front());
  queue_.pop_front();
  bytes_ -= message.size();
  return message;
}

bool Outbox::empty() const {
  const std::lock_guard lock(mutex_);
  return queue_.empty();
}

bool Outbox::overflowed() const {
  const std::lock_guard lock(mutex_);
  return overflowed_;
}

void SubscriptionHub::add_topic(std::string name, Topic topic) {
  CHECK(topics_.emplace(std::move(name), std::move(topic)).second);
}

void SubscriptionHub::publish(std::string_view topic, Height height, const Json& payload,
                              const Matcher& matches) {
  const std::lock_guard lock(mutex_);
  tip_ = std::max(tip_, height);
  std::string text;
  for (auto& [id, subscriber] : subscribers_) {
    if (!subscriber.is_live || subscriber.topic_name != topic) continue;
    if (subscriber.next && height < *subscriber.next) continue;
    if (matches && !matches(subscriber.params)) continue;
    if (text.empty()) text = dump_json(payload);
    subscriber.outbox->push(notification(id, text));
  }
}

Result<std::string> SubscriptionHub::subscribe(std::string_view topic, const Json& options,
                                               std::shared_ptr<Outbox> outbox) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) {
    std::string names;
    for (const auto& [name, unused] : topics_) names += (names.empty() ? "" : ", ") + name;
    return Error{"unknown_topic", "there is no topic of that name; there are: " + names};
  }
  Subscriber subscriber{&found->second, found->first, options, std::move(outbox), {}, false};
  if (const auto from = options.find("from_height"); from != options.end()) {
    const auto height = read_u64(*from, INT64_MAX);
    if (!height) return json_error("from_height", height.error().message);
    if (!found->second.replay) {
      return Error{"topic_not_resumable", "this topic has no past; leave out from_height"};
    }
    subscriber.next = Height(*height);
    subscriber.params.erase("from_height");
  }
  if (found->second.check) TRY(found->second.check(subscriber.params, subscriber.next));

  const std::lock_guard lock(mutex_);
  std::string id = fmt::format("0x{:x}", ++last_id_);
  subscribers_.emplace(id, std::move(subscriber));
  return Result<std::string>(boost::system::in_place_value, std::move(id));
}

SubscriptionHub::Step SubscriptionHub::catch_up(const std::string& id) {
  std::optional<std::vector<std::string>> messages;
  Subscriber copy;
  Height to;
  {
    const std::lock_guard lock(mutex_);
    const auto found = subscribers_.find(id);
    if (found == subscribers_.end()) return messages;
    Subscriber& subscriber = found->second;
    // Publishing of the tip may be half done. The past ends with it all the same, because what is
    // still to be published of it is below `next` and will be skipped.
    if (!subscriber.next || *subscriber.next > tip_) {
      subscriber.is_live = true;
      return messages;
    }
    to = std::min(tip_, *subscriber.next + Height(kReplayStep - 1));
    copy = subscriber;
    subscriber.next = to + Height(1);
  }
  TRY_ASSIGN(const std::vector<Json> events, copy.topic->replay(copy.params, *copy.next, to));
  messages.emplace();
  for (const Json& event : events) messages->push_back(notification(id, dump_json(event)));
  return messages;
}

bool SubscriptionHub::unsubscribe(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return subscribers_.erase(id) == 1;
}

void SubscriptionHub::drop_all() {
  const std::lock_guard lock(mutex_);
  subscribers_.clear();
}

}  // namespace bourse::rpc
