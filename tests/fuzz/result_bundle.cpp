// SPDX-License-Identifier: Apache-2.0
//
// The result of a stranger's run: what is accepted is canonical and safe to unpack.
#include "base/codec.hpp"
#include "market/result.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/random_fields.hpp"

namespace bourse::fuzz {

void one(ByteView data) {
  const auto bundle = market::decode_bundle(data);
  if (!bundle) return;
  const Bytes again = encode(*bundle);
  CHECK(std::equal(again.begin(), again.end(), data.begin(), data.end()));
  const std::string* last = nullptr;
  for (const market::ResultFile& file : bundle->files) {
    CHECK(!file.path.empty() && file.path.front() != '/' && file.path.back() != '/');
    CHECK(("/" + file.path + "/").find("/../") == std::string::npos);
    CHECK(file.path.find('\0') == std::string::npos);
    CHECK(!last || *last < file.path);
    last = &file.path;
  }
  CHECK(!market::result_digest(*bundle).is_zero());
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> out;
  test::RandomFields random(1);
  for (int i = 0; i < 10; ++i) {
    auto bundle = random.make<market::ResultBundle>();
    for (std::size_t k = 0; k < bundle.files.size(); ++k) {
      bundle.files[k].path = "out/" + std::to_string(k) + "/file";
    }
    out.push_back(encode(bundle));
  }
  return out;
}

}  // namespace bourse::fuzz
