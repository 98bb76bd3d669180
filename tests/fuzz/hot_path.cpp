// SPDX-License-Identifier: Apache-2.0
//
// The short way of the RPC server answers as the long one does, or not at all.
#include "rpc/hot_path.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/hot_bodies.hpp"

namespace bourse::fuzz {
namespace {

struct Both {
  test::BackendRig rig;
  rpc::Dispatcher methods;
  rpc::HotPath hot{*rig.backend};
  Both() { rpc::add_methods(methods, *rig.backend); }
};

Both& both() {
  static Both out;
  return out;
}

}  // namespace

void one(ByteView data) {
  const auto answer = test::hot_answer(both().hot, as_text(data));
  CHECK(!answer || answer == both().methods.handle(as_text(data)));
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> out;
  for (const std::string& text : test::hot_bodies(both().rig)) {
    out.emplace_back(text.begin(), text.end());
  }
  return out;
}

}  // namespace bourse::fuzz
