// SPDX-License-Identifier: Apache-2.0
//
// Goal: every primitive computes what its standard says and refuses what it must refuse.
// Method: the official vectors of BIP340 and Wycheproof, known answers from the RFCs, and our own
// limits at one below, at, and one above.
#include "base/crypto.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/crypto_sha256_lanes.hpp"
#include "tests/support/vectors.hpp"

namespace bourse {
namespace {

using test::unhex;
using test::unhex_id;

template <class Id>
std::string hex_of(const Id& id) {
  return to_hex({id.data(), id.size()});
}

SecretKey secret_of(std::uint8_t last_byte) {
  SecretKey secret;
  secret.bytes[31] = last_byte;
  return secret;
}

// The order n of secp256k1.
constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

TEST(Sha256, KnownAnswers) {  // FIPS 180-4 examples
  EXPECT_EQ(hex_of(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesGiveTheSameHashAsTheWhole) {
  Bytes data(300);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i);
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    const ByteView view(data);
    EXPECT_EQ(Sha256().update(view.first(cut)).update(view.subspan(cut)).finish(), sha256(data));
  }
}

TEST(Sha256, APairGivesTheSameHashAs64Bytes) {
  std::array<std::uint8_t, 64> pair{};
  for (std::size_t i = 0; i < 64; ++i) {
    pair[i] = static_cast<std::uint8_t>(7 * i + 1);
    EXPECT_EQ(sha256_pair(pair), sha256(pair));
  }
}

TEST(Sha256, PairsGiveTheSameHashesInEveryNumber) {
  // For every number of lanes some that fill them twice, and a rest.
  std::vector<std::array<std::uint8_t, 64>> pairs(37);
  for (auto& pair : pairs) random_bytes(pair);
  for (std::size_t count = 0; count <= pairs.size(); ++count) {
    std::vector<Hash> hashes(pairs.size());
    std::vector<Sha256Pair> jobs;
    for (std::size_t i = 0; i < count; ++i) jobs.push_back({pairs[i].data(), &hashes[i]});
    sha256_pairs(jobs);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_EQ(hashes[i], i < count ? sha256(pairs[i]) : Hash{}) << i << " of " << count;
    }
  }
}

TEST(Sha256, ManyGiveTheSameHashesAtEveryLength) {
  // Around each border of blocks, and beside a neighbour that is as long, shorter and longer.
  std::vector<Bytes> messages;
  for (std::size_t size = 0; size <= 200; ++size) {
    messages.insert(messages.end(), size % 3 + 1, Bytes(size));
  }
  std::vector<Hash> hashes(messages.size());
  std::vector<Sha256Job> jobs;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    random_bytes(messages[i]);
    jobs.push_back({messages[i], &hashes[i]});
  }
  sha256_all(jobs);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(hashes[i], sha256(messages[i])) << messages[i].size() << " bytes";
  }
}

/// Those that this processor has.
std::vector<const Sha256Lanes*> lanes_here() {
  std::vector<const Sha256Lanes*> out;
  for (const Sha256Lanes* lanes : {sha256_two_lanes(), sha256_sixteen_lanes()}) {
    if (lanes) out.push_back(lanes);
  }
  return out;
}

TEST(Sha256Lanes, GiveTheSameHashesOfPairs) {
  for (const Sha256Lanes* lanes : lanes_here()) {
    std::vector<std::array<std::uint8_t, 64>> pairs(lanes->count);
    std::vector<Hash> hashes(lanes->count);
    std::vector<Sha256Pair> jobs;
    for (std::size_t i = 0; i < lanes->count; ++i) {
      random_bytes(pairs[i]);
      jobs.push_back({pairs[i].data(), &hashes[i]});
    }
    lanes->pairs(jobs.data());
    for (std::size_t i = 0; i < lanes->count; ++i) EXPECT_EQ(hashes[i], sha256(pairs[i])) << i;
  }
}

TEST(Sha256Lanes, GiveTheSameHashesWhereverTheLongMessagesAre) {
  const std::array<std::size_t, 9> sizes = {0, 55, 56, 63, 64, 119, 120, 250, 1000};
  for (const Sha256Lanes* lanes : lanes_here()) {
    for (std::size_t first = 0; first < sizes.size(); ++first) {
      std::vector<Bytes> messages;
      for (std::size_t i = 0; i < lanes->count; ++i) {
        random_bytes(messages.emplace_back(sizes[(first + i) % sizes.size()]));
      }
      std::vector<Hash> hashes(lanes->count);
      std::vector<Sha256Job> jobs;
      for (std::size_t i = 0; i < lanes->count; ++i) jobs.push_back({messages[i], &hashes[i]});
      lanes->messages(Sha256().blocks(), jobs.data());
      for (std::size_t i = 0; i < lanes->count; ++i) {
        EXPECT_EQ(hashes[i], sha256(messages[i]))
            << messages[i].size() << " bytes in lane " << i << " of " << lanes->count;
      }
    }
  }
}

TEST(Sha256, ManyGoOnBehindATag) {
  const Sha256 primed = tagged_hasher("bourse/tx");
  // For every number of lanes some, and a rest; one or two blocks each.
  std::vector<Bytes> messages;
  for (std::size_t i = 0; i < 37; ++i) random_bytes(messages.emplace_back(40 + i));
  std::vector<Hash> hashes(messages.size());
  std::vector<Sha256Job> jobs;
  for (std::size_t i = 0; i < messages.size(); ++i) jobs.push_back({messages[i], &hashes[i]});
  sha256_all(primed, jobs);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(hashes[i], tagged_hash("bourse/tx", messages[i])) << i;
  }
}

TEST(Sha256, MessagesThatStandOneAfterAnotherGoOnBehindATag) {
  const Sha256 primed = tagged_hasher("bourse/key");
  Bytes bytes(600);
  random_bytes(bytes);
  // The second is empty.
  const std::vector<std::size_t> ends = {10, 10, 150, 270, 390, 391, 600};
  std::vector<Hash> hashes(ends.size());
  sha256_each(primed, bytes, ends, hashes);
  for (std::size_t i = 0, begin = 0; i < ends.size(); begin = ends[i++]) {
    EXPECT_EQ(hashes[i],
              tagged_hash("bourse/key", ByteView(bytes).subspan(begin, ends[i] - begin)));
  }
}

TEST(Sha256, ACopyGoesOnByItself) {
  Sha256 first;
  first.update(as_bytes("a"));
  Sha256 second = first;
  EXPECT_EQ(first.update(as_bytes("b")).finish(), sha256(as_bytes("ab")));
  EXPECT_EQ(second.update(as_bytes("c")).finish(), sha256(as_bytes("ac")));
}

TEST(TaggedHash, FollowsBip340) {
  const Hash tag = sha256(as_bytes("bourse/tx"));
  Bytes plain(tag.bytes.begin(), tag.bytes.end());
  append(plain, tag.bytes);
  append(plain, as_bytes("message"));
  EXPECT_EQ(tagged_hash("bourse/tx", as_bytes("message")), sha256(plain));
  EXPECT_EQ(tagged_hash("bourse/tx", {as_bytes("mess"), {}, as_bytes("age")}), sha256(plain));
  EXPECT_EQ(tagged_hasher("bourse/tx").update(as_bytes("message")).finish(), sha256(plain));
  EXPECT_NE(tagged_hash("bourse/id", as_bytes("message")), sha256(plain));
}

TEST(Hash160, KnownAnswer) {  // BIP173: the key of the generator and its witness program
  EXPECT_EQ(
      to_hex(hash160(unhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"))),
      "751e76e8199196d454941c45d1b3a323f1433bd6");
}

TEST(Hmac, KnownAnswers) {  // RFC 4231, case 2; and an empty key
  EXPECT_EQ(hex_of(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha512(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  EXPECT_EQ(hex_of(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Pbkdf2, KnownAnswers) {  // RFC 7914, section 11
  EXPECT_EQ(to_hex(pbkdf2_hmac_sha256(as_bytes("passwd"), as_bytes("salt"), 1, 64)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(Scrypt, KnownAnswers) {  // RFC 7914, section 12
  EXPECT_EQ(to_hex(scrypt({}, {}, 16, 1, 1, 64).value()),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(to_hex(scrypt(as_bytes("password"), as_bytes("NaCl"), 1024, 8, 16, 64).value()),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

TEST(Scrypt, BoundsItsParameters) {
  const auto kind = [](std::uint64_t n, std::uint64_t r, std::uint64_t p) {
    return scrypt(as_bytes("x"), as_bytes("y"), n, r, p, 32).error().kind;
  };
  EXPECT_EQ(kind(2, 1, 1), "");
  for (const std::uint64_t n : {0U, 1U, 3U, 1023U, 1025U}) EXPECT_EQ(kind(n, 1, 1), "bad_kdf");
  EXPECT_EQ(kind(16, 0, 1), "bad_kdf");
  EXPECT_EQ(kind(16, 1, 0), "bad_kdf");
  // One step above 128·n·r·p = 2 GiB, and products that wrap around to something small.
  EXPECT_EQ(kind(1 << 21, 8, 2), "bad_kdf");
  EXPECT_EQ(kind(2, 1, (1 << 23) + 1), "bad_kdf");
  EXPECT_EQ(kind(std::uint64_t{1} << 63, 2, 1), "bad_kdf");
  EXPECT_EQ(kind(2, std::uint64_t{1} << 62, std::uint64_t{1} << 62), "bad_kdf");
}

TEST(Aes128Ctr, KnownAnswer) {  // NIST SP 800-38A, F.5.1; and a cut inside a block
  std::array<std::uint8_t, 16> key;
  std::array<std::uint8_t, 16> iv;
  std::ranges::copy(unhex("2b7e151628aed2a6abf7158809cf4f3c"), key.begin());
  std::ranges::copy(unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), iv.begin());
  const Bytes plain = unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const Bytes encrypted = aes128_ctr(key, iv, plain);
  EXPECT_EQ(to_hex(encrypted), "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  EXPECT_EQ(aes128_ctr(key, iv, encrypted), plain);
  EXPECT_EQ(to_hex(aes128_ctr(key, iv, ByteView(plain).first(5))), "874d6191b6");
}

TEST(Secrets, RandomBytesFillEverySizeAndDiffer) {
  for (const std::size_t size : {32U, 256U, 257U, 5000U}) {
    Bytes a(size);
    Bytes b(size);
    random_bytes(a);
    random_bytes(b);
    EXPECT_NE(a, b);
    EXPECT_NE(Bytes(a.end() - 32, a.end()), Bytes(32));
  }
}

TEST(Secrets, ComparisonAndWiping) {
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_TRUE(constant_time_equal(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abcd")));
  Bytes secret{1, 2, 3};
  { const WipeOnExit wipe(secret); }
  EXPECT_EQ(secret, Bytes(3));
}

TEST(Schnorr, OfficialVectors) {
  std::istringstream lines(test::vector_text("bip340.csv"));
  std::string line;
  std::getline(lines, line);  // the names of the columns
  int count = 0;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::array<std::string, 7> cell;  // index, secret, key, aux, message, signature, result
    for (std::string& text : cell) std::getline(cells, text, ',');
    const Address key = unhex_id<Address>(cell[2]);
    const Bytes message = unhex(cell[4]);
    const Signature signature = unhex_id<Signature>(cell[5]);
    EXPECT_EQ(schnorr_verify_message(key, message, signature), cell[6] == "TRUE") << line;
    if (!cell[1].empty()) {
      const SecretKey secret = unhex_id<SecretKey>(cell[1]);
      EXPECT_EQ(public_key(secret).value(), key) << line;
      EXPECT_EQ(schnorr_sign_message(secret, message, unhex_id<Hash>(cell[3])), signature) << line;
    }
    ++count;
  }
  EXPECT_EQ(count, 19);
}

TEST(Schnorr, SignsWithFreshRandomnessAndNoBitIsFree) {
  const SecretKey secret = secret_of(7);
  const Address key = public_key(secret).value();
  const Hash digest = sha256(as_bytes("digest"));
  const Signature signature = schnorr_sign(secret, digest);
  EXPECT_NE(schnorr_sign(secret, digest), signature);
  EXPECT_TRUE(schnorr_verify(key, digest, signature));
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Signature changed = signature;
    changed.bytes[bit / 8] = static_cast<std::uint8_t>(changed.bytes[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(schnorr_verify(key, digest, changed)) << bit;
  }
  EXPECT_FALSE(schnorr_verify(key, sha256(as_bytes("other")), signature));
  EXPECT_FALSE(schnorr_verify(public_key(secret_of(8)).value(), digest, signature));
  EXPECT_FALSE(schnorr_verify(Address{}, digest, signature));
}

TEST(SecretKeys, AreBetweenOneAndTheOrder) {
  EXPECT_EQ(public_key(SecretKey{}).error().kind, "bad_secret_key");
  SecretKey order = unhex_id<SecretKey>(kOrder);
  EXPECT_EQ(public_key(order).error().kind, "bad_secret_key");
  ++order.bytes[31];
  EXPECT_EQ(public_key(order).error().kind, "bad_secret_key");
  order.bytes[31] = 0x40;  // n - 1
  EXPECT_TRUE(public_key(order).has_value());
  EXPECT_TRUE(public_key(secret_of(1)).has_value());
}

TEST(KeyTweaks, AgreeAndRefuseZero) {
  const Hash tweak = sha256(as_bytes("tweak"));
  const SecretKey secret = secret_of(9);
  const CompressedKey key = compressed_public_key(secret).value();
  EXPECT_EQ(compressed_public_key(secret_key_tweak_add(secret, tweak).value()).value(),
            public_key_tweak_add(key, tweak).value());
  // n - 1 plus a tweak of 1 is zero, which is no key; so is a tweak of n.
  SecretKey last = unhex_id<SecretKey>(kOrder);
  last.bytes[31] = 0x40;
  const Hash one{secret_of(1).bytes};
  EXPECT_EQ(secret_key_tweak_add(last, one).error().kind, "bad_tweak");
  EXPECT_EQ(public_key_tweak_add(compressed_public_key(last).value(), one).error().kind,
            "bad_tweak");
  EXPECT_EQ(secret_key_tweak_add(secret, unhex_id<Hash>(kOrder)).error().kind, "bad_tweak");
  EXPECT_EQ(public_key_tweak_add(CompressedKey{}, tweak).error().kind, "bad_tweak");
}

TEST(Ed25519, WycheproofVectors) {
  const Json vectors = test::vector_json("ed25519_wycheproof.json");
  std::size_t count = 0;
  for (const Json& group : vectors.at("testGroups")) {
    const auto key = unhex_id<ConsensusKey>(group.at("publicKey").at("pk").get<std::string>());
    for (const Json& entry : group.at("tests")) {
      const Bytes message = unhex(entry.at("msg").get<std::string>());
      const Bytes bytes = unhex(entry.at("sig").get<std::string>());
      const auto signature = Signature::from(bytes);  // another size is refused by the type
      const bool accepted = signature && ed25519_verify(key, message, *signature);
      EXPECT_EQ(accepted, entry.at("result").get<std::string>() == "valid") << entry.dump();
      ++count;
    }
  }
  EXPECT_EQ(count, vectors.at("numberOfTests").get<std::size_t>());
}

TEST(Ed25519, SignsAsRfc8032) {  // section 7.1, test 2
  const auto seed =
      unhex_id<SecretKey>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const Bytes message = unhex("72");
  const Signature signature = ed25519_sign(seed, message);
  EXPECT_EQ(hex_of(ed25519_public(seed)),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(hex_of(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(ed25519_verify(ed25519_public(seed), message, signature));
  EXPECT_FALSE(ed25519_verify(ed25519_public(seed), unhex("73"), signature));
  EXPECT_FALSE(ed25519_verify(ConsensusKey{}, message, signature));
}

}  // namespace
}  // namespace bourse
