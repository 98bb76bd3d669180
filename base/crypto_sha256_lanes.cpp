// SPDX-License-Identifier: Apache-2.0
#include "base/crypto_sha256_lanes.hpp"

namespace bourse {
namespace {

/// The widest first; what is too few for one is left to the next.
std::array<const Sha256Lanes*, 2> ways() { return {sha256_sixteen_lanes(), sha256_two_lanes()}; }

/// Whether two thirds of the lanes' time are of use: all of them take as long as the longest.
bool are_alike(std::span<const Sha256Job> jobs) {
  std::size_t longest = 0;
  std::size_t together = 0;
  for (const Sha256Job& job : jobs) {
    const std::size_t blocks = Sha256Padded::count_of(job.message);
    longest = std::max(longest, blocks);
    together += blocks;
  }
  return longest * jobs.size() * 2 <= together * 3;
}

/// How many jobs it hashed, from the first.
std::size_t hash_together(const Sha256Blocks& before, std::span<const Sha256Job> jobs) {
  for (const Sha256Lanes* lanes : ways()) {
    if (lanes == nullptr || jobs.size() < lanes->count) continue;
    if (!are_alike(jobs.first(lanes->count))) continue;
    lanes->messages(before, jobs.data());
    return lanes->count;
  }
  return 0;
}

}  // namespace

void sha256_pairs(std::span<const Sha256Pair> jobs) {
  for (const Sha256Lanes* lanes : ways()) {
    for (; lanes && jobs.size() >= lanes->count; jobs = jobs.subspan(lanes->count)) {
      lanes->pairs(jobs.data());
    }
  }
  for (const Sha256Pair& job : jobs) {
    *job.hash = sha256_pair(std::span<const std::uint8_t, 64>(job.pair, 64));
  }
}

void sha256_all(std::span<const Sha256Job> jobs) { sha256_all(Sha256(), jobs); }

void sha256_all(const Sha256& primed, std::span<const Sha256Job> jobs) {
  const Sha256Blocks before = primed.blocks();
  while (!jobs.empty()) {
    std::size_t hashed = hash_together(before, jobs);
    if (hashed == 0) {
      *jobs[0].hash = Sha256(primed).update(jobs[0].message).finish();
      hashed = 1;
    }
    jobs = jobs.subspan(hashed);
  }
}

void sha256_each(const Sha256& primed, ByteView bytes, std::span<const std::size_t> ends,
                 std::span<Hash> hashes) {
  std::vector<Sha256Job> jobs;
  jobs.reserve(ends.size());
  for (std::size_t begin = 0; const std::size_t end : ends) {
    jobs.push_back({bytes.subspan(begin, end - begin), &hashes[jobs.size()]});
    begin = end;
  }
  sha256_all(primed, jobs);
}

}  // namespace bourse
