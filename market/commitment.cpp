// SPDX-License-Identifier: Apache-2.0
#include "market/commitment.hpp"

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/scheduling.hpp"

namespace bourse::market {
namespace {

using Leaves = std::vector<chain::NamedLeaf>;

/// Some hundred microseconds of work for a thread.
constexpr std::size_t kGrain = 256;
/// Records lie anywhere, so they are fetched before it is their turn.
constexpr std::size_t kAhead = 8;
/// So many are hashed together, while their bytes are in the cache.
constexpr std::size_t kHashed = 16;
/// The last committed state, and the one of which that is not known.
constexpr std::size_t kRoots = 2;

/// A leaf is called by its table and the record's handle there.
using chain::kHandleBits;

template <class Record>
constexpr std::uint32_t kTableIndex = [] {
  const auto index_in = []<class... Each>(std::tuple<Changed<Each>...>*) {
    std::uint32_t index = 0;
    (void)((std::is_same_v<Each, Record> || (++index, false)) || ...);
    return index;
  };
  return index_in(static_cast<Changes*>(nullptr));
}();

template <class Record>
chain::LeafName name_of(std::uint32_t handle) {
  static_assert(kTableIndex<Record> < 1U << (32 - kHandleBits));
  CHECK(handle < 1U << kHandleBits);
  return chain::LeafName{kTableIndex<Record> << kHandleBits | handle};
}

template <class Record>
Hash key_of(const Record& record) {
  return chain::state_key(Record::table, record.key().bytes);
}

/// The records of a state as leaves of its tree.
class StateLeaves : public chain::LeafSource {
 public:
  explicit StateLeaves(const State& state) : state_(state) {}

  Hash key(chain::LeafName name) const override {
    return from_record(name, [](const auto& record) { return key_of(record); });
  }
  Hash value(chain::LeafName name) const override {
    return from_record(name, [](const auto& record) { return sha256(encode(record)); });
  }

 private:
  template <class Compute>
  Hash from_record(chain::LeafName name, const Compute& compute) const {
    const auto bits = static_cast<std::uint32_t>(name);
    Hash out;
    const auto try_table = [&]<class Record>(const chain::Table<Record>& table) {
      if (bits >> kHandleBits != kTableIndex<Record>) return;
      out = compute(table.at(bits & ((1U << kHandleBits) - 1)));
    };
    std::apply([&](const auto&... tables) { (try_table(tables), ...); }, state_.tables);
    return out;
  }

  const State& state_;
};

/// Adds the leaves of `count` records of a table, of which handle_of(i) is the i-th.
template <class Record, class HandleOf>
void add_leaves(Leaves& leaves, const chain::Table<Record>& table, std::size_t count,
                const HandleOf& handle_of, chain::WorkerPool& pool) {
  // Keys are looked at again when the next record has been.
  static_assert(std::is_lvalue_reference_v<decltype(std::declval<const Record&>().key())>);
  const std::size_t first = leaves.size();
  leaves.resize(first + count);
  pool.run(count, kGrain, [&](std::size_t begin, std::size_t end) {
    CborWriter bytes;
    for (std::size_t i = begin; i < end; i += kHashed) {
      const std::size_t stop = std::min(end, i + kHashed);
      std::array<ByteView, kHashed> keys;
      std::array<std::size_t, kHashed> ends;
      bytes.clear();
      for (std::size_t k = i; k < stop; ++k) {
        if (k + kAhead < end) table.fetch_at(handle_of(k + kAhead));
        const Record& record = table.at(handle_of(k));
        write(bytes, record);
        keys[k - i] = record.key().bytes;
        ends[k - i] = bytes.view().size();
      }
      const auto places = chain::state_keys(Record::table, std::span(keys).first(stop - i));
      std::array<Hash, kHashed> values;
      sha256_each(Sha256(), bytes.view(), std::span(ends).first(stop - i), values);
      for (std::size_t k = i; k < stop; ++k) {
        leaves[first + k] = {{places[k - i], values[k - i]}, name_of<Record>(handle_of(k))};
      }
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
  {
    // A block that was given up may still be on its way into the tree.
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return steps_.empty(); });
    roots_.clear();
    confirmed_ = state->height;
  }
  {
    const std::unique_lock proved(proved_mutex_);
    state_.reset();
  }
  add({std::move(state), std::nullopt});
}

void Commitment::follow(std::shared_ptr<const State> state, Changes changes) {
  add({std::move(state), std::move(changes)});
}

void Commitment::add(Step step) {
  {
    const std::lock_guard lock(mutex_);
    given_ = step.state->height;
    steps_.push_back(std::move(step));
  }
  changed_.notify_all();
}

void Commitment::confirm() {
  {
    const std::lock_guard lock(mutex_);
    confirmed_ = given_;
  }
  changed_.notify_all();
}

std::optional<Hash> Commitment::find_root(Height height) const {
  for (const auto& [at, root] : roots_) {
    if (at == height) return root;
  }
  return std::nullopt;
}

Hash Commitment::root(Height height) const {
  std::unique_lock lock(mutex_);
  std::optional<Hash> found;
  changed_.wait(lock, [&] { return (found = find_root(height)).has_value(); });
  return *found;
}

void Commitment::run() {
  run_promptly();
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
  const Leaves leaves =
      step.changes ? leaves_of(*step.state, *step.changes, pool_) : leaves_of(*step.state, pool_);
  const StateLeaves source(*step.state);
  // A whole tree is made apart, so that proofs of the old one need not wait for it.
  chain::StateTree fresh;
  if (!step.changes) fresh.update(leaves, source, pool_);
  const Height height = step.state->height;
  Hash root;
  {
    const std::unique_lock proved(proved_mutex_);
    if (step.changes) {
      tree_.update(leaves, source, pool_);
    } else {
      tree_ = std::move(fresh);
    }
    // The old state goes with the step, later: it takes milliseconds to free all that a block has
    // replaced, and nobody must wait for them.
    std::swap(state_, step.state);
    root = tree_.root();
  }
  {
    const std::lock_guard lock(mutex_);
    roots_.emplace_back(height, root);
    if (roots_.size() > kRoots) roots_.pop_front();
    steps_.pop_front();
  }
  changed_.notify_all();
}

Result<ProvedRecord> Commitment::prove(std::string_view table, ByteView key) const {
  for (;;) {
    Height confirmed;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !roots_.empty() && roots_.back().first <= confirmed_; });
      confirmed = confirmed_;
    }
    const std::shared_lock proved(proved_mutex_);
    // By now the tree may have gone on to a block that is not committed yet.
    if (!state_ || state_->height > confirmed) continue;
    TRY_ASSIGN(auto record, find_bytes(*state_, table, key));
    const Hash place = chain::state_key(table, key);
    return ProvedRecord{
        state_->height, std::string(table), Bytes(key.begin(), key.end()),
        place,          std::move(record),  tree_.prove(place, StateLeaves(*state_))};
  }
}

}  // namespace bourse::market
