// SPDX-License-Identifier: Apache-2.0
//
// Bodies of requests on and beside the short way through the RPC server, for the tests that compare
// it with the long one.
#pragma once

#include "rpc/hot_path.hpp"
#include "tests/support/backend_rig.hpp"

namespace bourse::test {

inline std::string call_text(const std::string& id, const std::string& method,
                             const std::string& params) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params +
         "}";
}

/// The short way's answer, if it has one.
inline std::optional<std::string> hot_answer(const rpc::HotPath& hot, std::string_view body) {
  rpc::PlainBody calls;
  switch (hot.recognise(body, calls)) {
    case rpc::HotPath::Kind::reads:
      return hot.read(calls);
    case rpc::HotPath::Kind::submissions:
      return hot.submit(calls);
    case rpc::HotPath::Kind::general:
      break;
  }
  return std::nullopt;
}

inline std::vector<std::string> hot_bodies(const BackendRig& rig) {
  const std::string alice = address_text(address_of("alice"), Network::dev);
  const std::string stranger = address_text(address_of("stranger"), Network::dev);
  const std::string hash = "0x" + to_hex(hash_of("word").bytes);
  const std::pair<std::string, std::vector<std::string>> methods[] = {
      {"account_get", {alice, stranger, address_text(address_of("bob"), Network::main), "x", ""}},
      {"market_getOffer",
       {"0x" + to_hex(rig.offer.bytes), "0x" + std::string(32, '0'), "0x00", hash, "0X"}},
      {"tx_get",
       {"0x" + std::string(64, '1'), "0x" + std::string(64, 'a'), "0x" + std::string(64, 'F'),
        "0x" + std::string(63, '1'), "11"}},
      {"tx_submit", {"0x", "0x00", "0xff", "0xFF01", "0x0", "00", "0xgg", "0x" + alice}},
      {"job_get", {"0x" + std::string(32, '0')}},
      {"no_method", {"x"}}};
  std::vector<std::string> out;
  for (const auto& [method, values] : methods) {
    std::string batch;
    for (const std::string& value : values) {
      out.push_back(call_text("1", method, R"([")" + value + R"("])"));
      batch += (batch.empty() ? "[" : ", ") + out.back();
      for (const char* key : {"address", "offer", "id", "tx"}) {
        out.push_back(call_text("\"an id\"", method,
                                R"({")" + std::string(key) + R"(": ")" + value + R"("})"));
      }
    }
    out.push_back(batch + "]");
  }
  return out;
}

}  // namespace bourse::test
