// SPDX-License-Identifier: Apache-2.0
#include "market/commitment.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::market {
namespace {

using Leaves = Commitment::Leaves;

/// Some hundred microseconds of work for a thread.
constexpr std::size_t kGrain = 256;
/// Fewer changes are not worth a start ahead.
constexpr std::size_t kAheadMin = 2 * kGrain;

/// Adds the leaves of `count` records of a table, of which handle_of(i) is the i-th.
template <class Record, class HandleOf>
void add_leaves(Leaves& leaves, const chain::Table<Record>& table, std::size_t count,
                const HandleOf& handle_of, chain::WorkerPool& pool) {
  const std::size_t first = leaves.size();
  leaves.resize(first + count);
  pool.run(count, kGrain, [&](std::size_t begin, std::size_t end) {
    CborWriter bytes;
    for (std::size_t i = begin; i < end; ++i) {
      const Record& record = table.at(handle_of(i));
      bytes.clear();
      write(bytes, record);
      leaves[first + i] = {chain::state_key(Record::table, record.key().bytes),
                           sha256(bytes.view())};
    }
  });
}

Leaves leaves_of(const State& state, chain::WorkerPool& pool) {
  Leaves leaves;
  const auto handle_of = [](std::size_t i) { return static_cast<std::uint32_t>(i); };
  const auto add_table = [&](const auto& table) {
    add_leaves(leaves, table, table.size(), handle_of, pool);
  };
  std::apply([&](const auto&... tables) { (add_table(tables), ...); }, state.tables);
  return leaves;
}

Leaves leaves_of(const State& state, const Changes& changes, chain::WorkerPool& pool) {
  Leaves leaves;
  const auto add_changed = [&]<class Record>(const Changed<Record>& changed) {
    const auto handle_of = [&](std::size_t i) { return changed.handles[i]; };
    add_leaves(leaves, state.table<Record>(), changed.handles.size(), handle_of, pool);
  };
  std::apply([&](const auto&... changed) { (add_changed(changed), ...); }, changes);
  return leaves;
}

std::size_t size_of(const Changes& changes) {
  return std::apply([](const auto&... changed) { return (changed.handles.size() + ...); }, changes);
}

/// The bytes of a record that is looked for by the name of its table.
Result<std::optional<Bytes>> find_bytes(const State& state, std::string_view name, ByteView key) {
  Result<std::optional<Bytes>> out = Error{"table_unknown", "the state has no table of that name"};
  const auto try_table = [&]<class Record>(const chain::Table<Record>& table) {
    if (name != Record::table) return;
    const auto fixed = chain::Table<Record>::Key::from(key);
    if (!fixed) {
      out = Error{"key_invalid", "a key of this table has " +
                                     std::to_string(chain::Table<Record>::Key::size()) + " bytes"};
      return;
    }
    const Record* record = table.get(*fixed);
    out = record ? std::optional(encode(*record)) : std::nullopt;
  };
  std::apply([&](const auto&... tables) { (try_table(tables), ...); }, state.tables);
  return out;
}

}  // namespace

Commitment::Commitment() : thread_([this] { run(); }) {}

Commitment::~Commitment() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Commitment::rebuild(std::shared_ptr<const State> state) {
  auto leaves =
      std::async(std::launch::deferred, [this, state] { return leaves_of(*state, pool_); });
  add({std::move(state), std::move(leaves), true});
}

std::future<Leaves> Commitment::hash_ahead(std::shared_ptr<const State> state, Changes changes) {
  const bool is_large = size_of(changes) >= kAheadMin;
  return std::async(is_large ? std::launch::async : std::launch::deferred,
                    [this, state = std::move(state), changes = std::move(changes)] {
                      return leaves_of(*state, changes, pool_);
                    });
}

void Commitment::follow(std::shared_ptr<const State> state, std::future<Leaves> changed) {
  add({std::move(state), std::move(changed), false});
}

void Commitment::add(Step step) {
  {
    const std::lock_guard lock(mutex_);
    steps_.push_back(std::move(step));
  }
  changed_.notify_all();
}

Hash Commitment::root() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return steps_.empty() && root_; });
  return *root_;
}

void Commitment::run() {
  for (;;) {
    Step step;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !steps_.empty(); });
      if (stopping_) return;
      // Its place in the queue stays until it is taken.
      step = std::move(steps_.front());
    }
    take(step);
  }
}

void Commitment::take(Step& step) {
  const Leaves leaves = step.leaves.get();
  // A whole tree is made apart, so that proofs of the old one need not wait for it.
  chain::StateTree fresh;
  if (step.is_new) fresh.update(leaves, pool_);
  Hash root;
  {
    const std::unique_lock proved(proved_mutex_);
    if (step.is_new) {
      tree_ = std::move(fresh);
    } else {
      tree_.update(leaves, pool_);
    }
    // The old state goes with the step, later: it takes milliseconds to free all that a block has
    // replaced, and nobody must wait for them.
    std::swap(state_, step.state);
    root = tree_.root();
  }
  {
    const std::lock_guard lock(mutex_);
    root_ = root;
    steps_.pop_front();
  }
  changed_.notify_all();
}

Result<ProvedRecord> Commitment::prove(std::string_view table, ByteView key) const {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return root_.has_value(); });
  }
  const std::shared_lock proved(proved_mutex_);
  TRY_ASSIGN(auto record, find_bytes(*state_, table, key));
  const Hash place = chain::state_key(table, key);
  return ProvedRecord{state_->height, std::string(table), Bytes(key.begin(), key.end()),
                      place,          std::move(record),  tree_.prove(place)};
}

}  // namespace bourse::market
