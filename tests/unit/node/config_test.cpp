// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a configuration says is what the node does, and what it cannot mean is refused with
// the line or the nearest key. Method: texts and the values or errors that they must give.
#include "node/config.hpp"

#include <gtest/gtest.h>

namespace bourse::node {
namespace {

std::string refusal(std::string_view text) {
  const auto config = parse_config(text);
  return config ? "accepted" : config.error().message;
}

TEST(Config, LeavesWhatIsNotSaidAtItsDefault) {
  const Config config = parse_config("[rpc]\nport = 9000\n").value();
  EXPECT_EQ(config.rpc.port, 9000);
  EXPECT_EQ(config.rpc.bind, "127.0.0.1");
  EXPECT_EQ(config.engine.proof_block_ms, 1000U);
  EXPECT_EQ(parse_config("").value().rpc.port, 8580);
}

TEST(Config, ReadsWhatItWrites) {
  Config config;
  config.rpc.bind = "0.0.0.0";
  config.rpc.host_names = {"node.example", "other \"quoted\""};
  config.blobs.mib_per_brs = 0;
  const std::string text = config_text(config);
  const Config again = parse_config(text).value();
  EXPECT_EQ(config_text(again), text);
  EXPECT_EQ(again.rpc.host_names, config.rpc.host_names);
  EXPECT_EQ(again.blobs.mib_per_brs, 0U);
}

TEST(Config, NamesTheNearestKnownKey) {
  EXPECT_NE(refusal("[rpc]\nbnid = \"::1\"\n").find("did you mean \"bind\""), std::string::npos);
  EXPECT_NE(refusal("[rcp]\nport = 1\n").find("did you mean \"rpc\""), std::string::npos);
}

TEST(Config, RefusesValuesThatMeanNothing) {
  EXPECT_NE(refusal("[rpc]\nport = 65536\n").find("rpc: port"), std::string::npos);
  EXPECT_EQ(refusal("[rpc]\nport = 65535\n"), "accepted");
  EXPECT_EQ(refusal("[rpc]\nport = 0\n"), "accepted");
  EXPECT_NE(refusal("[rpc]\nport = -1\n").find("rpc: port"), std::string::npos);
  EXPECT_NE(refusal("[rpc]\nport = \"x\"\n").find("rpc: port"), std::string::npos);
  EXPECT_NE(refusal("[rpc]\n\nport = 1.5\n").find("line 3"), std::string::npos);
  EXPECT_NE(refusal("[rpc]\nport = \n").find("line 2"), std::string::npos);
  EXPECT_NE(refusal("rpc = 5\n").find("rpc"), std::string::npos);
  EXPECT_NE(refusal("[rpc]\nhost_names = [1]\n").find("host_names"), std::string::npos);
}

}  // namespace
}  // namespace bourse::node
