// SPDX-License-Identifier: Apache-2.0
//
// Goal: the `bourse` command does without a node what it promises, says what is wrong in its exit
// code, and takes no password from its command line.
// Method: the built program is run in a session of its own, so that it finds no terminal, with an
// environment that holds nothing but its home.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/codec.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"
#include "market/tx_types.hpp"
#include "tests/support/temp_dir.hpp"
#include "wallet/tx_document.hpp"
#include "wallet/wallet_file.hpp"

namespace bourse::wallet {
namespace {

constexpr const char* kPassword = "correct horse battery";
constexpr const char* kWords =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
  Json json() const { return parse_json(out).value(); }
  std::string kind() const {
    // Notes may stand before it.
    const auto line = err.rfind('\n', err.size() - 2);
    const std::string last = line == std::string::npos ? err : err.substr(line + 1);
    return parse_json(last).value().at("error").at("kind").get<std::string>();
  }
};

class CommandTest : public ::testing::Test {
 protected:
  CommandTest() {
    write_private("password", std::string(kPassword) + "\n");
    write_private("words", kWords);
  }

  std::string write_private(const std::string& name, const std::string& text) {
    const std::string path = dir_ / name;
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), 0600), 0);
    return path;
  }

  /// Runs `bourse` with the arguments; nothing listens at the node that it would ask.
  Ran bourse(std::vector<std::string> arguments, const std::string& input = "/dev/null") {
    const std::string program = std::string(BOURSE_BINARY_DIR) + "/bourse";
    const std::string out = dir_ / "stdout";
    const std::string err = dir_ / "stderr";
    arguments.insert(arguments.begin(), program);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::string home = "BOURSE_HOME=" + (dir_ / "home").string();
    std::string node = "BOURSE_NODE=http://127.0.0.1:1";
    char* const envp[] = {home.data(), node.data(), nullptr};
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::setsid();
      ::dup2(::open(input.c_str(), O_RDONLY), 0);
      ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
      ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
      ::execve(program.c_str(), argv.data(), envp);
      ::_exit(127);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(out), read(err)};
  }

  Ran restore() {
    return bourse({"wallet", "restore", "--words-file", dir_ / "words", "--password-file",
                   dir_ / "password", "--json"});
  }

  /// An unsigned transfer of 2.5 BRS from the restored wallet.
  std::string unsigned_file() {
    chain::TxBody body;
    body.sender = derive_signer(Bytes(16, 0), 0).value().address;
    body.nonce = Nonce(3);
    body.fee_limit = Amount(1'000'000);
    body.valid_until = TimeMs(1'795'545'600'000);
    body.operations = {market::to_operation(market::Transfer{body.sender, Amount(2'500'000'000)})};
    return write_private("unsigned.json", dump_json(unsigned_document(body, Network::dev)));
  }

  test::TempDir dir_;
};

TEST_F(CommandTest, UsageErrorsEndWithTwo) {
  EXPECT_EQ(bourse({}).code, 2);
  EXPECT_EQ(bourse({"wallet"}).code, 2);
  EXPECT_EQ(bourse({"walet"}).code, 2);
  EXPECT_EQ(bourse({"wallet", "new", "--nonsense"}).code, 2);
  EXPECT_EQ(bourse({"wallet", "new", "--words", "13"}).code, 2);
  EXPECT_EQ(bourse({"token", "send"}).code, 2);
  EXPECT_EQ(bourse({"offer", "list", "--limit", "201"}).code, 2);
  EXPECT_EQ(bourse({"provider", "register", "--bond", "1"}).code, 2);
  EXPECT_EQ(bourse({"wallet", "show", "--network", "moon"}).code, 2);
  EXPECT_EQ(bourse({"wallet", "list", "--wallet"}).code, 2);
  EXPECT_EQ(bourse({"wallet", "list", "--json", "--nonsense"}).kind(), "usage");
}

TEST_F(CommandTest, ThereIsNoFlagForAPassword) {
  for (const char* flag : {"--password", "--passphrase", "--unsafe-password"}) {
    EXPECT_EQ(bourse({"wallet", "new", "--yes", flag, kPassword}).code, 2) << flag;
  }
  EXPECT_FALSE(std::filesystem::exists(dir_ / "home/wallets/default.json"));
}

TEST_F(CommandTest, HelpIsEverywhereAndDocumentsTheCodes) {
  const Ran top = bourse({"--help"});
  EXPECT_EQ(top.code, 0);
  EXPECT_NE(top.out.find("8 job failed"), std::string::npos);
  for (const std::vector<std::string>& verb : {std::vector<std::string>{"wallet", "sign"},
                                               {"job", "run"},
                                               {"token", "send"},
                                               {"provider", "register"},
                                               {"tx", "build", "offer_create"}}) {
    auto arguments = verb;
    arguments.push_back("--help");
    const Ran ran = bourse(arguments);
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("Example:"), std::string::npos) << ran.out;
  }
  EXPECT_EQ(bourse({"--version"}).code, 0);
}

TEST_F(CommandTest, NewWalletGivesWordsThatRestoreIt) {
  for (const std::size_t count : {12U, 24U}) {
    const std::string name = "w" + std::to_string(count);
    const Ran made = bourse({"wallet", "new", "--wallet", name, "--words", std::to_string(count),
                             "--yes", "--json", "--password-file", dir_ / "password"});
    ASSERT_EQ(made.code, 0) << made.err;
    const auto words = made.json().at("words").get<std::string>();
    EXPECT_EQ(std::count(words.begin(), words.end(), ' '), count - 1);
    const Ran again = bourse({"wallet", "restore", "--wallet", name + "-again", "--json",
                              "--password-file", dir_ / "password"},
                             write_private("piped", words + "\n"));
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.json().at("addresses"), made.json().at("addresses"));
    EXPECT_FALSE(again.json().contains("words"));
  }
  const Ran list = bourse({"wallet", "list", "--json"});
  EXPECT_EQ(list.json().size(), 4U);
}

TEST_F(CommandTest, RestoreRefusesWhatIsNoWallet) {
  const auto words_kind = [&](const std::string& words) {
    return bourse({"wallet", "restore", "--json", "--password-file", dir_ / "password"},
                  write_private("piped", words));
  };
  EXPECT_EQ(words_kind("abandon").kind(), "bad_word_count");
  EXPECT_EQ(words_kind(std::string(kWords) + "x").kind(), "unknown_word");
  std::string wrong(kWords);
  wrong.replace(wrong.rfind("about"), 5, "abandon");
  const Ran ran = words_kind(wrong);
  EXPECT_EQ(ran.kind(), "bad_word_checksum");
  EXPECT_EQ(ran.code, 2);
  // Messages are logged, and words are the secret.
  EXPECT_EQ(ran.err.find("abandon"), std::string::npos);
  ASSERT_EQ(restore().code, 0);
  EXPECT_EQ(restore().kind(), "file_exists");
  write_private("password", "too short\n");
  const Ran weak = bourse({"wallet", "new", "--wallet", "weak", "--yes", "--json",
                           "--password-file", dir_ / "password"});
  EXPECT_EQ(weak.kind(), "password_too_short");
  EXPECT_EQ(weak.code, 2);
}

TEST_F(CommandTest, ShowNeedsNoPasswordForTheFirstAccount) {
  EXPECT_EQ(bourse({"wallet", "show"}).code, 3);
  ASSERT_EQ(restore().code, 0);
  const Address first = derive_signer(Bytes(16, 0), 0).value().address;
  EXPECT_EQ(bourse({"wallet", "show", "--network", "test"}).out,
            address_text(first, Network::test) + "\n");
  EXPECT_EQ(bourse({"wallet", "show", "--json"}).json().at("addresses").at("main"),
            address_text(first, Network::main));
  // The others come from the secret.
  EXPECT_EQ(bourse({"wallet", "show", "--account", "1"}).code, 4);
  const Ran second = bourse({"wallet", "show", "--account", "1", "--network", "dev",
                             "--password-file", dir_ / "password"});
  EXPECT_EQ(second.out,
            address_text(derive_signer(Bytes(16, 0), 1).value().address, Network::dev) + "\n");
}

TEST_F(CommandTest, DecodeAndSignOffline) {
  ASSERT_EQ(restore().code, 0);
  const std::string file = unsigned_file();
  const Ran shown = bourse({"tx", "decode", file});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("2.5 BRS"), std::string::npos);
  EXPECT_NE(shown.out.find("Not signed."), std::string::npos);

  // Nobody is there to say yes.
  const Ran asked = bourse({"wallet", "sign", file, "--password-file", dir_ / "password"});
  EXPECT_EQ(asked.code, 2);
  EXPECT_NE(asked.err.find("2.5 BRS"), std::string::npos);

  const Ran ran = bourse({"wallet", "sign", file, "--yes", "--out", dir_ / "signed.json",
                          "--password-file", dir_ / "password"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.err.find("2.5 BRS"), std::string::npos);
  EXPECT_NE(ran.err.find("at most 0.001 BRS"), std::string::npos);
  const TxDocument document = load_tx_document(dir_ / "signed.json", Network::main).value();
  EXPECT_TRUE(chain::verify_tx(*document.raw, Hash{}));
  EXPECT_EQ(document.network, Network::dev);
  const Ran decoded = bourse({"tx", "decode", dir_ / "signed.json"});
  EXPECT_NE(decoded.out.find("The signature is the sender's."), std::string::npos);
  EXPECT_EQ(bourse({"wallet", "sign", dir_ / "signed.json", "--yes"}).code, 2);
}

TEST_F(CommandTest, AForgedSignatureIsSaid) {
  ASSERT_EQ(restore().code, 0);
  const TxDocument document = load_tx_document(unsigned_file(), Network::dev).value();
  const Bytes raw = encode(chain::Tx{document.body, Signature{}});
  const Ran ran = bourse({"tx", "decode", "0x" + to_hex(raw), "--network", "dev"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("THE SIGNATURE IS NOT THE SENDER'S."), std::string::npos);
}

TEST_F(CommandTest, SigningNeedsTheRightKey) {
  ASSERT_EQ(restore().code, 0);
  const std::string file = unsigned_file();
  write_private("wrong", "wrong horse battery\n");
  const Ran locked =
      bourse({"wallet", "sign", file, "--yes", "--json", "--password-file", dir_ / "wrong"});
  EXPECT_EQ(locked.code, 4);
  EXPECT_EQ(locked.kind(), "wrong_password");
  EXPECT_EQ(bourse({"wallet", "sign", file, "--yes", "--json"}).kind(), "password_needed");
  const Ran other = bourse({"wallet", "sign", file, "--yes", "--json", "--account", "1",
                            "--password-file", dir_ / "password"});
  EXPECT_EQ(other.code, 4);
  EXPECT_EQ(other.kind(), "wrong_account");
  ::chmod((dir_ / "password").c_str(), 0644);
  const Ran open =
      bourse({"wallet", "sign", file, "--yes", "--json", "--password-file", dir_ / "password"});
  EXPECT_EQ(open.kind(), "file_not_private");
}

TEST_F(CommandTest, WithoutANodeTheCodeIsFive) {
  ASSERT_EQ(restore().code, 0);
  EXPECT_EQ(bourse({"token", "balance"}).code, 5);
  EXPECT_EQ(bourse({"offer", "list"}).code, 5);
  EXPECT_EQ(bourse({"job", "list", "--json"}).kind(), "node_unreachable");
  EXPECT_EQ(bourse({"job", "status", "0x00"}).code, 2);
  EXPECT_EQ(bourse({"token", "balance", "--node", "http://example.com"}).code, 2);
  EXPECT_EQ(bourse({"token", "balance", "--node", "https://127.0.0.1:1", "--pin", "00"}).code, 2);
}

TEST_F(CommandTest, ABadJobFileIsFoundBeforeTheNodeIsAsked) {
  EXPECT_EQ(bourse({"job", "run", dir_ / "none.toml"}).code, 3);
  const std::string file = write_private("job.toml", "comand = [\"true\"]\n");
  const Ran ran = bourse({"job", "run", file, "--json"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.kind(), "job_file_invalid");
}

}  // namespace
}  // namespace bourse::wallet
