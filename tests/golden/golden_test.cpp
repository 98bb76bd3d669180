// SPDX-License-Identifier: Apache-2.0
//
// Goal: bytes, ids and numbers that a running chain hangs on never change by accident. Method: one
// instance of everything, made from its field table by counting, against golden.json. That file is
// never edited, only added to: BOURSE_GOLDEN_ADD=1 writes what is missing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"
#include "chain/block.hpp"
#include "chain/state_tree.hpp"
#include "market/event.hpp"
#include "market/job_spec.hpp"
#include "market/market.hpp"
#include "market/result.hpp"
#include "tests/support/tx_ids.hpp"
#include "tests/support/world.hpp"

namespace bourse::market {
namespace {

constexpr const char* kPath = BOURSE_SOURCE_DIR "/tests/golden/golden.json";
constexpr JsonStyle kStyle{Network::dev};

/// Fills every member with the next number, so that no two members are equal.
class Counting {
 public:
  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

 private:
  void fill(bool& value) { value = true; }
  template <std::integral T>
  void fill(T& value) {
    value = static_cast<T>(++number_);
  }
  void fill(std::string& value) { value = "text" + std::to_string(++number_); }
  void fill(Bytes& value) { value.assign(3, static_cast<std::uint8_t>(++number_)); }
  template <class Tag>
  void fill(Quantity<Tag>& value) {
    value = Quantity<Tag>(1000 * ++number_);
  }
  template <std::size_t N, class Tag>
  void fill(FixedBytes<N, Tag>& value) {
    value.bytes.fill(static_cast<std::uint8_t>(++number_));
  }
  template <NamedEnum E>
  void fill(E& value) {
    value = static_cast<E>(1);
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& value) {
    value.resize(2);
    for (T& item : value) fill(item);
  }
  template <class T>
  void fill(Shared<T>& value) {
    T own;
    fill(own);
    value = std::move(own);
  }
  template <HasFields T>
  void fill(T& value) {
    for_each_field(value, [&](const auto&, auto& member) { fill(member); });
  }

  std::uint64_t number_ = 0;
};

template <class T>
T counted() {
  return Counting().make<T>();
}

using Values = std::map<std::string, std::string>;

template <class Id>
std::string hex(const Id& id) {
  return to_hex(ByteView(id.data(), id.size()));
}

template <class T>
void add_struct(Values& out, const std::string& name) {
  out[name + " bytes"] = to_hex(encode(counted<T>()));
  out[name + " json"] = dump_json(to_json(counted<T>(), kStyle));
}

void add_transactions(Values& out) {
  TxTypes::for_each([&]<class T>(const T&) {
    const std::string name = "operation " + std::string(T::name);
    const T tx = counted<T>();
    out[name + " number"] = std::to_string(T::type);
    add_struct<T>(out, name);
    chain::TxBody body = counted<chain::TxBody>();
    body.version = chain::kTxVersion;
    body.sender = test::address_of("alice");
    body.operations = {to_operation(tx)};
    const Bytes raw = test::sign_repeatably(body, "alice");
    out["transaction " + std::string(T::name) + " digest"] = hex(chain::signing_digest(body));
    out["transaction " + std::string(T::name) + " raw"] = to_hex(raw);
    out["transaction " + std::string(T::name) + " id"] = hex(chain::tx_id(raw));
  });
}

template <class T>
struct Kind {};

void add_records(Values& out) {
  const auto one = [&]<class Record>(Kind<Record>) {
    const std::string name = "record " + std::string(Record::table);
    add_struct<Record>(out, name);
    const Record record = counted<Record>();
    out[name + " state key"] = hex(chain::state_key(Record::table, record.key().bytes));
  };
  std::apply([&](auto... kinds) { (one(kinds), ...); }, PerRecord<Kind>{});
}

template <NamedEnum E>
void add_enum(Values& out, const std::string& name) {
  const auto names = enum_names(E{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    out["enum " + name + " " + std::string(names[i])] = std::to_string(i);
  }
}

void add_numbers(Values& out) {
  for (const ErrorInfo& info : kErrors) {
    out["error " + std::string(info.name)] =
        std::to_string(static_cast<unsigned>(info.error)) + " " + std::string(enum_name(info.kind));
  }
  add_enum<EventKind>(out, "event");
  add_enum<TaskState>(out, "task_state");
  add_enum<AssignmentState>(out, "assignment_state");
  add_enum<OfferState>(out, "offer_state");
  add_enum<JobState>(out, "job_state");
  add_enum<FailReason>(out, "fail_reason");
  add_enum<Ended>(out, "ended");
  add_enum<Arch>(out, "arch");
  add_enum<Network>(out, "network");
}

void add_hashes(Values& out) {
  const auto header = counted<chain::Header>();
  out["header hash"] = hex(chain::header_hash(header));
  const std::vector<chain::Receipt> receipts = {counted<chain::Receipt>()};
  const std::vector<Bytes> events = {encode(counted<Event>())};
  out["receipts root"] = hex(chain::receipts_root(receipts, events));
  const std::vector<Bytes> three = {{1}, {2}, {3}};
  out["transactions root of 01, 02, 03"] = hex(chain::transactions_root(test::tx_ids(three)));
  out["genesis chain id"] = hex(chain_id(counted<Genesis>()));
  const Hash digest = result_digest(counted<ResultBundle>());
  out["result digest"] = hex(digest);
  const AssignmentId assignment = counted<Assignment>().id;
  const ProviderId provider = counted<Assignment>().provider;
  out["commitment"] = hex(commitment(assignment, provider, digest, test::hash_of("salt")));
  out["object id of alice 7 2"] = hex(object_id(test::address_of("alice"), Nonce(7), 2));
  out["task id 3"] = hex(task_id(counted<Job>().id, 3));
  out["assignment id 2"] = hex(assignment_id(counted<Task>().id, 2));
  const StorageReceipt receipt = sign_receipt(digest, 1000, TimeMs(2000), test::consensus_seed());
  out["storage receipt"] = to_hex(encode(receipt));
  Market market(test::test_genesis({}, {{"alice", 1000}, {"bob", 2000}}));
  market.init_chain();
  out["state root of a genesis"] = hex(market.root());
}

Values computed() {
  Values out;
  add_transactions(out);
  add_records(out);
  add_numbers(out);
  add_hashes(out);
  add_struct<Genesis>(out, "genesis");
  add_struct<Event>(out, "event");
  add_struct<chain::Receipt>(out, "receipt");
  add_struct<chain::Header>(out, "header");
  add_struct<ResultBundle>(out, "result bundle");
  add_struct<JobSpec>(out, "job spec");
  return out;
}

Values recorded() {
  Values out;
  const auto bytes = read_file(kPath, 1 << 24);
  if (!bytes) return out;
  const Json json = parse_json(as_text(*bytes)).value();
  for (const auto& [name, value] : json.items()) out[name] = value;
  return out;
}

TEST(Golden, NothingHasChanged) {
  const Values now = computed();
  for (const auto& [name, value] : recorded()) {
    const auto found = now.find(name);
    ASSERT_NE(found, now.end()) << name << " is gone";
    EXPECT_EQ(found->second, value) << name;
  }
}

TEST(Golden, NothingIsMissing) {
  Values all = recorded();
  const std::size_t before = all.size();
  for (const auto& [name, value] : computed()) all.try_emplace(name, value);
  if (all.size() == before) return;
  if (std::getenv("BOURSE_GOLDEN_ADD") == nullptr) {
    FAIL() << all.size() - before
           << " values are not in golden.json; run golden_tests with BOURSE_GOLDEN_ADD=1";
  }
  Json json;
  for (const auto& [name, value] : all) json[name] = value;
  std::ofstream(kPath) << dump_json_pretty(json) << "\n";
}

}  // namespace
}  // namespace bourse::market
