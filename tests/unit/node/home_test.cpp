// SPDX-License-Identifier: Apache-2.0
//
// Goal: a home is made whole, opened by one process only, and refused with a reason when something
// in it is wrong. Method: real directories.
#include "node/home.hpp"

#include <gtest/gtest.h>

#include "base/json_fields.hpp"
#include "market/dev.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::node {
namespace {

class HomeTest : public ::testing::Test {
 protected:
  HomeTest() { EXPECT_TRUE(create_home(dir_ / "home", genesis_, market::dev_consensus_seed())); }
  std::string refusal() const {
    const auto home = open_home(dir_ / "home");
    return home ? "opened" : home.error().kind;
  }
  void replace(const char* file, std::string_view text, unsigned mode = 0600) const {
    ASSERT_TRUE(write_file_atomic(dir_ / "home" / file, as_bytes(text), mode));
  }

  test::TempDir dir_;
  market::Genesis genesis_ = market::dev_genesis(TimeMs{1767225600000}, {});
};

TEST_F(HomeTest, OpensWhatItMade) {
  const Home home = open_home(dir_ / "home").value();
  EXPECT_EQ(home.consensus_seed, market::dev_consensus_seed());
  EXPECT_EQ(market::chain_id(home.genesis), market::chain_id(genesis_));
  EXPECT_EQ(create_home(dir_ / "home", genesis_, SecretKey{}).error().kind, "home_exists");
}

TEST_F(HomeTest, BelongsToOneProcessAtATime) {
  {
    const Home home = open_home(dir_ / "home").value();
    EXPECT_EQ(refusal(), "home_in_use");
  }
  EXPECT_EQ(refusal(), "opened");
}

TEST_F(HomeTest, RefusesWhatIsWrongWithIt) {
  EXPECT_EQ(open_home(dir_ / "elsewhere").error().kind, "home_missing");
  replace("consensus_key", "not hex\n");
  EXPECT_EQ(refusal(), "consensus_key_invalid");
  replace("consensus_key", std::string(64, '1'), 0644);
  EXPECT_EQ(refusal(), "file_not_private");
  replace("consensus_key", std::string(64, '1'));
  EXPECT_EQ(refusal(), "opened");
  replace("config.toml", "[rpc]\nprot = 1\n");
  EXPECT_EQ(refusal(), "config_invalid");
  replace("config.toml", "");
  replace("genesis.json", "{}");
  EXPECT_EQ(refusal(), "genesis_invalid");
}

/// The committed file and the function that makes it say the same, and the chain keeps its name.
TEST(DevGenesis, IsTheCommittedFile) {
  const Bytes text = read_file(BOURSE_SOURCE_DIR "/genesis/dev.json", 1 << 20).value();
  const market::Genesis committed = market::parse_genesis(as_text(text)).value();
  const market::Genesis made = market::dev_genesis(TimeMs{1767225600000}, {});
  EXPECT_EQ(to_hex(market::chain_id(committed).bytes), to_hex(market::chain_id(made).bytes));
  EXPECT_EQ(to_hex(market::chain_id(made).bytes).substr(0, 8), "8d97ae19");
}

}  // namespace
}  // namespace bourse::node
