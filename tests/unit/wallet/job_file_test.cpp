// SPDX-License-Identifier: Apache-2.0
//
// Goal: a job file says exactly one job, and whatever is wrong with it is said with its line before
// any money moves.
// Method: one full file read back field by field, then one change at a time, each with the error
// and the line that it must give.
#include "wallet/job_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/crypto.hpp"
#include "tests/support/temp_dir.hpp"

namespace bourse::wallet {
namespace {

const std::string kRuntime = "0x" + std::string(64, 'a');

std::string minimal() {
  return "command = [\"true\"]\n"
         "runtime = \"" +
         kRuntime +
         "\"\n"
         "price_max = \"0.5\"\n"
         "run_seconds = 60\n"
         "[resources]\n"
         "cpu_milli = 1000\n"
         "memory_mib = 512\n"
         "disk_mib = 256\n";
}

/// The file with one line replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string text = minimal();
  const auto place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

Error error_of(const std::string& text) {
  const auto job = parse_job_file(text, "/jobs");
  return job ? Error{} : job.error();
}

void expect_error(const std::string& text, const std::string& part) {
  const Error error = error_of(text);
  EXPECT_EQ(error.kind, "job_file_invalid") << text;
  EXPECT_NE(error.message.find(part), std::string::npos) << error.message << "\n" << text;
}

TEST(JobFile, MinimalHasTheDocumentedDefaults) {
  const JobFile job = parse_job_file(minimal(), "/jobs").value();
  EXPECT_EQ(job.spec.command, std::vector<std::string>{"true"});
  EXPECT_EQ(job.terms.price_max, Amount(500'000'000));
  EXPECT_EQ(job.terms.run_seconds, 60U);
  EXPECT_EQ(job.terms.tasks, 1U);
  EXPECT_EQ(job.terms.replicas_max, 3U);
  EXPECT_EQ(job.terms.margin, 1U);
  EXPECT_EQ(job.terms.review, seconds(300));
  EXPECT_EQ(job.terms.match_within, seconds(600));
  EXPECT_EQ(job.terms.bundle, (market::Bundle{1000, 512, 256, 0}));
  EXPECT_EQ(job.terms.arch, market::Arch::amd64);
}

TEST(JobFile, FullFile) {
  const std::string text = R"(
command = ["bowtie2", "-p", "1"]
runtime = ")" + kRuntime + R"("
price_max = "1.000000001"
run_seconds = 604800
replicas_max = 5
margin = 2
review_seconds = 0
match_seconds = 30
tasks = 10000
[resources]
cpu_milli = 2000
memory_mib = 1
disk_mib = 2
gpus = 1
arch = "arm64"
gpu_model = "h100"
[environment]
b = "2"
A = "1"
[[input]]
path = "z/reads.fq"
file = "./reads.fq"
[[input]]
path = "a"
file = "/abs/tool"
executable = true
[constraints]
regions = ["eu-west"]
allowed = ["0x000102030405060708090a0b0c0d0e0f"]
excluded = []
done_min = 7
)";
  const JobFile job = parse_job_file(text, "/jobs").value();
  EXPECT_EQ(job.terms.price_max, Amount(1'000'000'001));
  EXPECT_EQ(job.terms.tasks, 10'000U);
  EXPECT_EQ(job.terms.replicas_max, 5U);
  EXPECT_EQ(job.terms.margin, 2U);
  EXPECT_EQ(job.terms.review, DurationMs{});
  EXPECT_EQ(job.terms.match_within, seconds(30));
  EXPECT_EQ(job.terms.arch, market::Arch::arm64);
  EXPECT_EQ(job.terms.gpu_model, "h100");
  EXPECT_EQ(job.terms.regions, std::vector<std::string>{"eu-west"});
  EXPECT_EQ(job.terms.allowed.at(0).bytes[15], 15);
  EXPECT_TRUE(job.terms.excluded.empty());
  EXPECT_EQ(job.terms.done_min, 7U);
  // The spec's order is that of the names, whatever order the file has.
  ASSERT_EQ(job.spec.environment.size(), 2U);
  EXPECT_EQ(job.spec.environment[0].name, "A");
  ASSERT_EQ(job.spec.inputs.size(), 2U);
  EXPECT_EQ(job.spec.inputs[0].path, "a");
  EXPECT_TRUE(job.spec.inputs[0].executable);
  EXPECT_EQ(job.files[0], "/abs/tool");
  EXPECT_EQ(job.files[1], "/jobs/./reads.fq");
}

TEST(JobFile, UnknownKeysNameTheLineAndTheNearestKey) {
  expect_error(with("run_seconds", "run_second"), "line 1: \"run_seconds\" is missing");
  expect_error(with("run_seconds = 60", "run_seconds = 60\nreplica_max = 3"),
               "line 5: unknown key \"replica_max\"; did you mean \"replicas_max\"?");
  expect_error(with("disk_mib = 256", "disk_mib = 256\ncpu_mili = 1"),
               "line 9: unknown key \"resources.cpu_mili\"; did you mean \"cpu_milli\"?");
  expect_error(minimal() + "[constraint]\n", "did you mean \"constraints\"?");
  expect_error(minimal() + "[constraints]\nregion = []\n", "did you mean \"regions\"?");
  expect_error(minimal() + "[[input]]\npath = \"a\"\nfile = \"a\"\nexec = true\n",
               "unknown key \"input.exec\"");
  expect_error(minimal() + "[[inputs]]\npath = \"a\"\n", "did you mean \"input\"?");
}

TEST(JobFile, EveryRequiredKey) {
  for (const char* key : {"command", "runtime", "price_max", "run_seconds", "resources",
                          "cpu_milli", "memory_mib", "disk_mib"}) {
    std::string text = minimal();
    const auto begin = text.find(key[0] == 'r' && key[1] == 'e' ? "[resources]" : key);
    text.erase(begin, text.find('\n', begin) - begin + 1);
    EXPECT_EQ(error_of(text).kind, "job_file_invalid") << key;
  }
  expect_error(minimal() + "[[input]]\npath = \"a\"\n", "\"input.file\" is missing");
  expect_error(minimal() + "[[input]]\nfile = \"a\"\n", "\"input.path\" is missing");
}

TEST(JobFile, FloatsAndOtherTypesAreRefused) {
  expect_error(with("\"0.5\"", "0.5"), "line 3: \"price_max\" must be an amount of BRS in quotes");
  expect_error(with("\"0.5\"", "1"), "\"price_max\"");
  expect_error(with("\"0.5\"", "\"0.1234567891\""), "\"price_max\"");
  expect_error(with("\"0.5\"", "\"1e3\""), "\"price_max\"");
  expect_error(with("\"0.5\"", "\"-1\""), "\"price_max\"");
  expect_error(with("= 60", "= 60.0"), "line 4: \"run_seconds\" must be a whole number");
  expect_error(with("= 60", "= -1"), "\"run_seconds\"");
  expect_error(with("= 60", "= 4294967296"), "\"run_seconds\"");
  expect_error(with("= 60", "= \"60\""), "\"run_seconds\"");
  expect_error(with("= 1000", "= true"), "\"resources.cpu_milli\"");
  expect_error(with("[\"true\"]", "\"true\""), "\"command\" must be a list");
  expect_error(with("[\"true\"]", "[1]"), "\"command\" must be text");
  expect_error(with(kRuntime, "0xaa"), "\"runtime\" must be 0x and 64 hex digits");
  expect_error(with(kRuntime, "debian"), "\"runtime\"");
  expect_error(minimal() + "arch = \"sparc\"\n", "expected one of: amd64, arm64, riscv64");
  expect_error(minimal() + "[environment]\nA = 1\n", "\"environment.A\" must be text");
  expect_error(minimal() + "[[input]]\npath=\"a\"\nfile=\"a\"\nexecutable=1\n", "true or false");
  expect_error(minimal() + "input = 3\n", "\"resources.input\"");
  expect_error("input = [1]\n" + minimal(), "\"input\" must be a list of tables");
  expect_error("environment = 1\n" + minimal(), "\"environment\" must be a table");
  expect_error(with("[resources]", "resources = 1\n[x]"), "\"resources\" must be a table");
}

TEST(JobFile, TheRulesOfTheSpecHold) {
  expect_error(with("[\"true\"]", "[]"), "the command is empty");
  expect_error(minimal() + "[environment]\n\"A B\" = \"1\"\n", "a variable's name");
  expect_error(minimal() + "[[input]]\npath = \"../a\"\nfile = \"a\"\n", "relative");
  expect_error(minimal() + "[[input]]\npath = \"/a\"\nfile = \"a\"\n", "relative");
  expect_error(minimal() + "[[input]]\npath=\"a\"\nfile=\"x\"\n[[input]]\npath=\"a\"\nfile=\"y\"\n",
               "each once");
  expect_error(
      minimal() + "[[input]]\npath=\"a\"\nfile=\"x\"\n[[input]]\npath=\"a/b\"\nfile=\"y\"\n",
      "directory");
}

TEST(JobFile, BrokenTomlIsAnErrorWithItsLine) {
  expect_error("", "missing");
  expect_error("command = [\n", "line ");
  expect_error("a = 1\na = 2\n", "line 2");
  expect_error(std::string("a = \"\xff\"\n"), "line 1");
  expect_error("command = " + std::string(5000, '[') + "\n", "line 1");
}

TEST(JobFile, InputsAreHashed) {
  const test::TempDir dir;
  std::ofstream(dir / "reads.fq") << "ACGT";
  std::ofstream(dir / "job.toml") << minimal() << "[[input]]\npath=\"r\"\nfile=\"reads.fq\"\n";
  const JobFile job = load_job_file(dir / "job.toml").value();
  EXPECT_EQ(job.spec.inputs[0].size, 4U);
  EXPECT_EQ(job.spec.inputs[0].sha256, sha256(as_bytes("ACGT")));
  std::filesystem::remove(dir / "reads.fq");
  EXPECT_EQ(load_job_file(dir / "job.toml").error().kind, "file_not_found");
  EXPECT_EQ(load_job_file(dir / "none.toml").error().kind, "file_not_found");
}

}  // namespace
}  // namespace bourse::wallet
