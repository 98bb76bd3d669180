// SPDX-License-Identifier: Apache-2.0
//
// Goal: the digest of a result covers what replicas must agree on and nothing else, and a bundle
// from a stranger can only hold paths that are safe to unpack. Method: one difference at a time.
#include "market/result.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "base/crypto.hpp"

namespace bourse::market {
namespace {

ResultBundle bundle() {
  return {Ended::exited,
          0,
          {{"a", false, {1}}, {"dir/b", true, {2, 3}}},
          {'o', 'u', 't'},
          {'e', 'r', 'r'},
          false,
          false};
}

TEST(ResultDigest, ChangesWithEverythingThatMustAgree) {
  const auto differs = [](auto&& change) {
    ResultBundle other = bundle();
    change(other);
    return result_digest(other) != result_digest(bundle());
  };
  EXPECT_TRUE(differs([](auto& b) { b.ended = Ended::time_limit; }));
  EXPECT_TRUE(differs([](auto& b) { b.exit_code = 1; }));
  EXPECT_TRUE(differs([](auto& b) { b.files.pop_back(); }));
  EXPECT_TRUE(differs([](auto& b) { b.files[0].path = "aa"; }));
  EXPECT_TRUE(differs([](auto& b) { b.files[0].executable = true; }));
  EXPECT_TRUE(differs([](auto& b) { b.files[0].content = {9}; }));
  EXPECT_FALSE(differs([](auto& b) { b.standard_output = {}; }));
  EXPECT_FALSE(differs([](auto& b) { b.standard_error = {}; }));
  EXPECT_FALSE(differs([](auto& b) { b.output_truncated = b.error_truncated = true; }));
}

TEST(SafePath, IsRelativePlainAndShort) {
  for (const char* good : {"a", "a/b", "...", "a..b", ".hidden", "a b", "\xc3\xa9"}) {
    EXPECT_TRUE(is_safe_path(good)) << good;
  }
  for (const char* bad : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\nb",
                          "\x7f", "\xff", "\xc0\xaf"}) {
    EXPECT_FALSE(is_safe_path(bad)) << bad;
  }
  EXPECT_FALSE(is_safe_path(std::string_view("a\0b", 3)));
  EXPECT_TRUE(is_safe_path(std::string(255, 'a')));
  EXPECT_FALSE(is_safe_path(std::string(256, 'a')));
}

TEST(DecodeBundle, TakesExactlyWhatIsCanonicalSafeAndSorted) {
  const auto kind_of = [](const ResultBundle& b) {
    const auto result = decode_bundle(encode(b));
    return result ? "ok" : result.error().kind;
  };
  EXPECT_EQ(kind_of(bundle()), "ok");
  ResultBundle changed = bundle();
  changed.files[0].path = "../a";
  EXPECT_EQ(kind_of(changed), "result_malformed");
  changed = bundle();
  std::swap(changed.files[0], changed.files[1]);
  EXPECT_EQ(kind_of(changed), "result_malformed");
  changed = bundle();
  changed.files[1].path = "a";
  EXPECT_EQ(kind_of(changed), "result_malformed");
  Bytes trailing = encode(bundle());
  trailing.push_back(0);
  EXPECT_FALSE(decode_bundle(trailing));
}

TEST(Commitment, BindsAssignmentProviderDigestAndSalt) {
  const AssignmentId assignment{{1}};
  const ProviderId provider{{2}};
  const Hash digest = sha256(as_bytes("digest"));
  const Hash salt = sha256(as_bytes("salt"));
  const Hash sealed = commitment(assignment, provider, digest, salt);
  EXPECT_NE(sealed, commitment(AssignmentId{{9}}, provider, digest, salt));
  EXPECT_NE(sealed, commitment(assignment, ProviderId{{9}}, digest, salt));
  EXPECT_NE(sealed, commitment(assignment, provider, salt, salt));
  EXPECT_NE(sealed, commitment(assignment, provider, digest, digest));
}

}  // namespace
}  // namespace bourse::market
