// SPDX-License-Identifier: Apache-2.0
//
// Goal: what the store has acknowledged is there, whole, after any crash; nobody gets more space
// than is his.
// Method: a store in a temporary directory; limits at both sides of the boundary; crashes as child
// processes that end without any cleaning up, and as directories in the states a crash can leave.
#include "rpc/blob_store.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace bourse::rpc {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kQuota = 1 << 20;
const Address kAlice{{1}};
const Address kBob{{2}};

Bytes data_of(std::size_t size, std::uint8_t seed = 7) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * seed);
  return data;
}

Result<TimeMs> put(BlobStore& store, const Bytes& data, const Address& owner = kAlice,
                   TimeMs kept_until = TimeMs(1000), std::uint64_t quota = kQuota) {
  TRY_ASSIGN(const auto upload, store.begin(sha256(data), data.size(), owner, quota, kept_until));
  TRY(upload->write(data));
  return upload->finish();
}

std::optional<Bytes> read_back(const BlobStore& store, const Hash& hash) {
  const auto file = store.read(hash);
  if (!file) return std::nullopt;
  Bytes data(file->size);
  EXPECT_EQ(::read(file->fd.get(), data.data(), data.size()), static_cast<ssize_t>(data.size()));
  return data;
}

template <class T>
std::string kind_of(const Result<T>& result) {
  return result ? "" : result.error().kind;
}

struct Stored {
  bourse::test::TempDir dir;
  BlobLimits limits{kQuota, 4 * kQuota};
  std::unique_ptr<BlobStore> store = open();

  std::unique_ptr<BlobStore> open() const {
    return std::move(BlobStore::open(dir.path() / "blobs", limits).value());
  }
  void reopen() {
    store.reset();
    store = open();
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(dir.path())) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }
};

TEST(BlobStore, PutAndGet) {
  Stored s;
  for (const std::size_t size : {0u, 1u, 4096u, 100'000u}) {
    const Bytes data = data_of(size);
    EXPECT_EQ(put(*s.store, data).value(), TimeMs(1000));
    EXPECT_EQ(read_back(*s.store, sha256(data)), data);
    s.reopen();
    EXPECT_EQ(read_back(*s.store, sha256(data)), data);
  }
  EXPECT_EQ(kind_of(s.store->read(Hash{{9}})), "blob_not_found");
}

TEST(BlobStore, WrongDataLeavesNothing) {
  Stored s;
  const Bytes data = data_of(5000);
  const auto try_put = [&](const Bytes& sent) {
    auto upload = s.store->begin(sha256(data), data.size(), kAlice, kQuota, TimeMs(1)).value();
    if (const auto written = upload->write(sent); !written) return written.error().kind;
    return kind_of(upload->finish());
  };
  EXPECT_EQ(try_put(data_of(5000, 3)), "blob_hash_mismatch");
  EXPECT_EQ(try_put(data_of(4999)), "blob_hash_mismatch");
  EXPECT_EQ(try_put(data_of(5001)), "blob_too_large");
  EXPECT_EQ(s.store->used_bytes(), 0u);
  EXPECT_EQ(s.store->used_bytes(kAlice), 0u);
  EXPECT_EQ(s.files(), 0u);
  EXPECT_EQ(try_put(data), "");
}

TEST(BlobStore, SizeLimit) {
  Stored s;
  const auto begin = [&](std::uint64_t size) {
    return kind_of(s.store->begin(Hash{}, size, kAlice, UINT64_MAX, TimeMs(1)));
  };
  EXPECT_EQ(begin(s.limits.blob_bytes - 1), "");
  EXPECT_EQ(begin(s.limits.blob_bytes), "");
  EXPECT_EQ(begin(s.limits.blob_bytes + 1), "blob_too_large");
  EXPECT_EQ(begin(UINT64_MAX), "blob_too_large");
}

TEST(BlobStore, QuotaCountsBlocks) {
  Stored s;
  const std::uint64_t quota = 3 * kBlobBlock;
  EXPECT_TRUE(put(*s.store, data_of(1), kAlice, TimeMs(1), quota));
  EXPECT_TRUE(put(*s.store, data_of(kBlobBlock), kAlice, TimeMs(1), quota));
  EXPECT_EQ(kind_of(put(*s.store, data_of(kBlobBlock + 1), kAlice, TimeMs(1), quota)),
            "blob_quota_exceeded");
  EXPECT_TRUE(put(*s.store, data_of(kBlobBlock - 1), kAlice, TimeMs(1), quota));
  EXPECT_EQ(kind_of(put(*s.store, data_of(0), kAlice, TimeMs(1), quota)), "blob_quota_exceeded");
  EXPECT_EQ(s.store->used_bytes(kAlice), quota);
  // Another account's quota is its own, and what is kept already costs nothing again.
  EXPECT_TRUE(put(*s.store, data_of(2), kBob, TimeMs(1), quota));
  EXPECT_TRUE(put(*s.store, data_of(1), kAlice, TimeMs(1), quota));
}

TEST(BlobStore, UploadsUnderWayAreCounted) {
  Stored s;
  auto first = s.store->begin(Hash{{1}}, kBlobBlock, kAlice, kBlobBlock, TimeMs(1));
  EXPECT_TRUE(first);
  EXPECT_EQ(kind_of(s.store->begin(Hash{{2}}, 1, kAlice, kBlobBlock, TimeMs(1))),
            "blob_quota_exceeded");
  first->reset();
  EXPECT_EQ(kind_of(s.store->begin(Hash{{2}}, 1, kAlice, kBlobBlock, TimeMs(1))), "");
}

TEST(BlobStore, TotalLimit) {
  Stored s;
  s.limits.total_bytes = 2 * kBlobBlock;
  s.reopen();
  EXPECT_TRUE(put(*s.store, data_of(1)));
  EXPECT_TRUE(put(*s.store, data_of(2)));
  EXPECT_EQ(kind_of(put(*s.store, data_of(3))), "blob_store_full");
  // What is stored already may be kept longer, also by others.
  EXPECT_TRUE(put(*s.store, data_of(2), kBob));
  EXPECT_EQ(s.store->sweep(TimeMs(1000)), 2u);
  EXPECT_TRUE(put(*s.store, data_of(3)));
}

TEST(BlobStore, KeptAsLongAsAnybodyKeepsIt) {
  Stored s;
  const Bytes data = data_of(10);
  EXPECT_EQ(put(*s.store, data, kAlice, TimeMs(100)).value(), TimeMs(100));
  EXPECT_EQ(put(*s.store, data, kAlice, TimeMs(200)).value(), TimeMs(200));
  EXPECT_EQ(put(*s.store, data, kAlice, TimeMs(150)).value(), TimeMs(200));
  EXPECT_EQ(put(*s.store, data, kBob, TimeMs(300)).value(), TimeMs(300));
  EXPECT_EQ(s.store->used_bytes(), kBlobBlock);
  s.reopen();
  EXPECT_EQ(s.store->sweep(TimeMs(199)), 0u);
  EXPECT_EQ(s.store->used_bytes(kAlice), kBlobBlock);
  EXPECT_EQ(s.store->sweep(TimeMs(200)), 0u);
  EXPECT_EQ(s.store->used_bytes(kAlice), 0u);
  EXPECT_EQ(s.store->sweep(TimeMs(299)), 0u);
  EXPECT_TRUE(s.store->read(sha256(data)));
  EXPECT_EQ(s.store->sweep(TimeMs(300)), 1u);
  EXPECT_FALSE(s.store->read(sha256(data)));
  EXPECT_EQ(s.store->used_bytes(), 0u);
  EXPECT_EQ(s.files(), 0u);
}

TEST(BlobStore, TwoUploadsOfOneBlobAtOnce) {
  Stored s;
  const Bytes data = data_of(10);
  auto one = s.store->begin(sha256(data), data.size(), kAlice, kQuota, TimeMs(1)).value();
  auto two = s.store->begin(sha256(data), data.size(), kAlice, kQuota, TimeMs(2)).value();
  ASSERT_TRUE(one->write(data));
  ASSERT_TRUE(two->write(data));
  EXPECT_EQ(two->finish().value(), TimeMs(2));
  EXPECT_EQ(one->finish().value(), TimeMs(2));
  one.reset();
  two.reset();
  EXPECT_EQ(s.store->used_bytes(), kBlobBlock);
  EXPECT_EQ(s.store->used_bytes(kAlice), kBlobBlock);
}

TEST(BlobStore, KilledInTheMiddleOfAnUpload) {
  Stored s;
  const Bytes kept = data_of(10);
  ASSERT_TRUE(put(*s.store, kept));
  s.store.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = s.open();
    const Bytes data = data_of(100'000, 5);
    auto upload = store->begin(sha256(data), data.size(), kBob, kQuota, TimeMs(1)).value();
    if (!upload->write(ByteView(data).first(50'000))) ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(s.files(), 3u);
  s.store = s.open();
  EXPECT_EQ(s.files(), 2u);
  EXPECT_EQ(read_back(*s.store, sha256(kept)), kept);
  EXPECT_EQ(s.store->used_bytes(kBob), 0u);
}

TEST(BlobStore, StatesThatACrashCanLeave) {
  Stored s;
  const Bytes data = data_of(10);
  const std::string name = to_hex(sha256(data).bytes);
  const fs::path path = s.dir.path() / "blobs" / name.substr(0, 2) / name;
  const fs::path record = path.string() + ".record";
  const auto after = [&](auto damage) {
    EXPECT_TRUE(put(*s.store, data));
    s.store.reset();
    damage();
    s.store = s.open();
    const bool is_there = s.store->read(sha256(data)).has_value();
    EXPECT_EQ(s.store->used_bytes(), is_there ? kBlobBlock : 0);
    EXPECT_EQ(s.files(), is_there ? 2u : 0u);
    return is_there;
  };
  EXPECT_TRUE(after([] {}));
  EXPECT_TRUE(after([&] { std::ofstream(record.string() + ".tmp-AAAAAA") << "half"; }));
  EXPECT_FALSE(after([&] { fs::remove(record); }));
  EXPECT_FALSE(after([&] { fs::remove(path); }));
  EXPECT_FALSE(after([&] { fs::resize_file(path, 9); }));
  EXPECT_FALSE(after([&] { fs::resize_file(record, 5); }));
}

}  // namespace
}  // namespace bourse::rpc
